CREATE TABLE auth_profile_store (store_key TEXT NOT NULL PRIMARY KEY, store_json TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;
INSERT INTO auth_profile_store VALUES('primary','{"version":1,"profiles":{"alibaba-cloud:default":{"type":"api_key","provider":"alibaba-cloud","key":"sk-sp-madeupalibaba00000000000000001"}}}',1795456209790);

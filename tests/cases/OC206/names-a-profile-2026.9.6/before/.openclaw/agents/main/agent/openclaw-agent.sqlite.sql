CREATE TABLE auth_profile_store (store_key TEXT NOT NULL PRIMARY KEY, store_json TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;
INSERT INTO auth_profile_store VALUES('primary','{"version":1,"profiles":{"bailian key":{"type":"api_key","provider":"bailian","key":"sk-sp-test00000000000000000000000000a1"}}}',1795456209790);
CREATE TABLE auth_profile_state (state_key TEXT NOT NULL PRIMARY KEY, state_json TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;

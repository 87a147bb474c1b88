CREATE TABLE auth_profile_store (store_key TEXT NOT NULL PRIMARY KEY, store_json TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;
INSERT INTO auth_profile_store VALUES('primary','{"version":1,"profiles":{"qwen-portal:default":{"type":"oauth","provider":"qwen-portal","access":"made-up-access-qwen-portal","refresh":"made-up-refresh-qwen-portal","expires":1700000000000}}}',1795456209790);

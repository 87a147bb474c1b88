CREATE TABLE auth_profile_store (store_key TEXT PRIMARY KEY, store_json TEXT, updated_at INTEGER);
INSERT INTO auth_profile_store VALUES('primary','{"version":1,"profiles":{}}',1);

CREATE TABLE config_machine_state (state_key TEXT NOT NULL PRIMARY KEY, value_json TEXT, updated_at INTEGER NOT NULL);
INSERT INTO config_machine_state VALUES('auth.sharedStore','{"location":"state-db"}',1795455634103);
INSERT INTO config_machine_state VALUES('authProfiles.store','{"version":1,"profiles":{"bailian:default":{"type":"api_key","provider":"bailian","key":"sk-sp-test00000000000000000000000000a1"}}}',1795455636851);

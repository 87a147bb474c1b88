CREATE TABLE config_machine_state (state_key TEXT NOT NULL PRIMARY KEY, value_json TEXT, updated_at INTEGER NOT NULL);
INSERT INTO config_machine_state VALUES('auth.sharedStore','{"location":"state-db"}',1795455634103);
INSERT INTO config_machine_state VALUES('authProfiles.store','{"version":1,"profiles":{"qwen-portal:default":{"type":"oauth","provider":"qwen-portal","access":"made-up-access-qwen-portal","refresh":"made-up-refresh-qwen-portal","expires":1700000000000}}}',1795455636851);

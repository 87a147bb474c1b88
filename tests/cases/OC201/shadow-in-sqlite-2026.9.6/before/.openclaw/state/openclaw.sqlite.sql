PRAGMA user_version=18;
CREATE TABLE config_machine_state (
      state_key TEXT NOT NULL PRIMARY KEY,
      value_json TEXT NOT NULL,
      updated_at_ms INTEGER NOT NULL
    ) STRICT;
INSERT INTO config_machine_state VALUES('auth.sharedStore','{"location":"state-db"}',1795455634103);
INSERT INTO config_machine_state VALUES('config.lastTouchedAt','"2026-11-23T17:40:45.830Z"',1795455645830);
INSERT INTO config_machine_state VALUES('authProfiles.store','{"version":1,"profiles":{"bailian:default":{"type":"api_key","provider":"bailian","key":"sk-sp-test0000000000000000000000000001"}}}',1795455636851);
CREATE TABLE schema_meta (
  meta_key TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  agent_id TEXT,
  app_version TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO schema_meta VALUES('primary','global',18,NULL,'2026.9.6',1795455629624,1795455629624);

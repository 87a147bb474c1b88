PRAGMA user_version=18;
CREATE TABLE config_machine_state (
      state_key TEXT NOT NULL PRIMARY KEY,
      value_json TEXT NOT NULL,
      updated_at_ms INTEGER NOT NULL
    ) STRICT;
INSERT INTO config_machine_state VALUES('update.checkState','{"lastCheckedAt":"2026-11-23T17:51:49.767Z","lastCheckedChannel":"stable"}',1795456309772);
CREATE TABLE schema_meta (
  meta_key TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  agent_id TEXT,
  app_version TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO schema_meta VALUES('primary','global',18,NULL,'2026.9.6',1795456268866,1795456268866);
INSERT INTO schema_meta VALUES('state-migrations','global',3,NULL,'2026.9.6
3
2026-09-23T16:33:12.144Z
iG_fcXRGcwMSC6UfQJ9lejsoxcjuw4pc_IhkqDeuo-4
iG_fcXRGcwMSC6UfQJ9lejsoxcjuw4pc_IhkqDeuo-4
7c50d8de27f5eeee89d6152a0e546c1d4eedf995b420bce6a8523de79e4c622e',1795456275659,1795456276031);
INSERT INTO schema_meta VALUES('startup-migrations','global',3,NULL,'2026.9.6
3
2026-09-23T16:33:12.144Z
iG_fcXRGcwMSC6UfQJ9lejsoxcjuw4pc_IhkqDeuo-4
iG_fcXRGcwMSC6UfQJ9lejsoxcjuw4pc_IhkqDeuo-4
7c50d8de27f5eeee89d6152a0e546c1d4eedf995b420bce6a8523de79e4c622e',1795456276031,1795456276031);

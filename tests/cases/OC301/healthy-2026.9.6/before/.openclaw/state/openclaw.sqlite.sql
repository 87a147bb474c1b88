PRAGMA user_version=18;
CREATE TABLE config_machine_state (
      state_key TEXT NOT NULL PRIMARY KEY,
      value_json TEXT NOT NULL,
      updated_at_ms INTEGER NOT NULL
    ) STRICT;
INSERT INTO config_machine_state VALUES('update.checkState','{"lastCheckedAt":"2026-11-23T17:21:20.255Z","lastCheckedChannel":"stable"}',1795454480272);
INSERT INTO config_machine_state VALUES('config.lastTouchedAt','"2026-11-23T17:53:20.573Z"',1795456400573);
CREATE TABLE schema_meta (
  meta_key TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  agent_id TEXT,
  app_version TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO schema_meta VALUES('primary','global',18,NULL,'2026.9.6',1795454420508,1795454420508);
INSERT INTO schema_meta VALUES('state-migrations','global',3,NULL,'2026.9.6
3
2026-09-23T16:33:12.144Z
ngoEvD0PNG_hCoF5FQeEzsYWZtUOeLV6HovuF5JRYGc
ngoEvD0PNG_hCoF5FQeEzsYWZtUOeLV6HovuF5JRYGc
ad07a439a62a3401fecd4c4192630b535083c1f690eee6cfcf624ff3df52b829',1795454432983,1795454433925);
INSERT INTO schema_meta VALUES('startup-migrations','global',3,NULL,'2026.9.6
3
2026-09-23T16:33:12.144Z
ngoEvD0PNG_hCoF5FQeEzsYWZtUOeLV6HovuF5JRYGc
ngoEvD0PNG_hCoF5FQeEzsYWZtUOeLV6HovuF5JRYGc
ad07a439a62a3401fecd4c4192630b535083c1f690eee6cfcf624ff3df52b829',1795454433925,1795454433925);

PRAGMA user_version=18;
CREATE TABLE config_machine_state (
      state_key TEXT NOT NULL PRIMARY KEY,
      value_json TEXT NOT NULL,
      updated_at_ms INTEGER NOT NULL
    ) STRICT;
INSERT INTO config_machine_state VALUES('auth.sharedStore','{"location":"state-db"}',1795455367693);
INSERT INTO config_machine_state VALUES('authProfiles.store','{"version":1,"profiles":{"qwen-portal:default":{"type":"oauth","provider":"qwen-portal","access":"fake-access-qwen","refresh":"fake-refresh-qwen","expires":1795368782602},"bailian:default":{"type":"api_key","provider":"bailian","key":"sk-sp-teststaleprofile00000000000001"},"alibaba-cloud:default":{"type":"api_key","provider":"alibaba-cloud","key":"sk-sp-testalibabacloud000000000001"},"anthropic:manual":{"type":"token","provider":"anthropic","token":"sk-ant-test-fake-token-0001"},"openai:default":{"type":"api_key","provider":"openai","key":"sk-test-openai-fake-000000000001"},"bailian:models-json":{"type":"api_key","provider":"bailian","key":"sk-sp-test0000000000000000000000000001"},"bailian:models-json-3":{"type":"api_key","provider":"bailian","key":"sk-sp-teststale000000000000000000000"},"qwen-portal:models-json":{"type":"api_key","provider":"qwen-portal","key":"qwen-oauth"},"leftover:default":{"type":"api_key","provider":"leftover","key":"sk-testleftover"}}}',1795455374732);
INSERT INTO config_machine_state VALUES('authProfiles.state','{"version":1,"lastGood":{"bailian":"bailian:default"},"usageStats":{"qwen-portal:default":{"cooldownUntil":1795458782602,"errorCount":5,"failureCounts":{"auth":5},"lastFailureAt":1795455181602},"bailian:default":{"errorCount":0,"lastProbeAt":1795455504209}}}',1795455504212);
INSERT INTO config_machine_state VALUES('config.lastTouchedAt','"2026-11-23T17:36:31.802Z"',1795455391802);
INSERT INTO config_machine_state VALUES('update.checkState','{"lastCheckedAt":"2026-11-23T17:38:02.284Z","lastCheckedChannel":"stable"}',1795455482289);
CREATE TABLE schema_meta (
  meta_key TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  agent_id TEXT,
  app_version TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO schema_meta VALUES('primary','global',18,NULL,'2026.9.6',1795455360250,1795455454382);
INSERT INTO schema_meta VALUES('state-migrations','global',3,NULL,'2026.9.6
3
2026-09-23T16:33:12.144Z
ftnnmCVGIwOpYDxEsTvTPK2F1ay2A27AO2DEnWsGKBY
ftnnmCVGIwOpYDxEsTvTPK2F1ay2A27AO2DEnWsGKBY
a132b99ba9a85ad89a1e174f6e113ed964efaa88e24ae4c1b2b05179fda213b6',1795455460382,1795455460574);
INSERT INTO schema_meta VALUES('startup-migrations','global',3,NULL,'2026.9.6
3
2026-09-23T16:33:12.144Z
ftnnmCVGIwOpYDxEsTvTPK2F1ay2A27AO2DEnWsGKBY
ftnnmCVGIwOpYDxEsTvTPK2F1ay2A27AO2DEnWsGKBY
a132b99ba9a85ad89a1e174f6e113ed964efaa88e24ae4c1b2b05179fda213b6',1795455460574,1795455460574);

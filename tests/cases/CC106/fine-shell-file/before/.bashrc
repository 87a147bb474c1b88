export ANTHROPIC_AUTH_TOKEN=$(pass plan)

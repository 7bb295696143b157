"""A network of servers that boot: systemd-nspawn in network namespaces, for tests of the real thing."""

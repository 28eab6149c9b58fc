"""The service's HTTP faces, one folder each: router (paths), protocol (bodies), serving (what happens)."""

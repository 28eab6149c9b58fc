"""Starting engines and keeping them up. The first backend: a child process on this machine."""

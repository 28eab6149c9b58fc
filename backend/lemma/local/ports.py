"""TCP ports of this machine: is one taken, by whom, and which is free."""

import socket

import psutil


def is_taken(host: str, port: int) -> bool:
    """Whether something else holds this port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody holds now. Somebody may take it before you do; then ask again."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


def holder(port: int) -> str | None:
    """The process that listens on a port of this machine, such as `python (pid 4711)`.

    None if nobody does, or the system does not tell us of other people's processes.
    """
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            if listens and getattr(connection.laddr, "port", 0) == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        return None
    return None

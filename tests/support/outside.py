"""The wall around the tests: no socket leaves this machine."""

import ipaddress
import sys


def _is_inside(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a path: a socket of this machine
    host = str(address[0])
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and not _is_inside(arguments[1]):
        raise OSError(f"tests stay on this machine: {arguments[1]}")


def close() -> None:
    """From now on a connection to another machine raises `OSError`; loopback and socket files stay open."""
    sys.addaudithook(_refuse)

"""Lets a browser of this machine reach the demo site: python -m fleet.harness.relay ADDRESS PORT NAMESPACE TO. Listens
where it was started, connects from the namespace."""
import ctypes
import socket
import sys
import threading

CLONE_NEWNET = 0x40000000


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def serve(visitor, to):
    with visitor, socket.create_connection((to, 80)) as server:
        back = threading.Thread(target=pump, args=(server, visitor), daemon=True)
        back.start()
        pump(visitor, server)
        back.join()


def main(address, port, namespace, to):
    listener = socket.create_server((address, int(port)))
    with open(namespace) as there:  # a listening socket stays where it was made; what connects from now on starts there
        if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    while True:
        visitor, _ = listener.accept()
        threading.Thread(target=serve, args=(visitor, to), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])

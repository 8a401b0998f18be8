"""The server: ministack's application, changed by this package, on a loopback port."""
import asyncio
import logging
import os
import resource
import signal
import socket
import tempfile
import threading

HOST = "127.0.0.1"


class PortTaken(Exception):
    """Something else listens on the port."""


def bind(port):
    """A socket on the port, or on a free one for 0: bound before anything starts, so that no other process gets it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as exc:
        listener.close()
        raise PortTaken(f"port {port} of {HOST} is not free ({exc.strerror}): stop what listens there, "
                        "or set LOCALAWS_PORT to another port") from None
    return listener


def run(port, until_stdin_closes=False):
    """Serve until SIGTERM or SIGINT, or until standard input closes; says `ready URL` when it answers."""
    listener = bind(port)
    _raise_open_files()
    os.environ["GATEWAY_PORT"] = str(listener.getsockname()[1])  # ministack reads it while it is imported
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    with tempfile.TemporaryDirectory(prefix="localaws-") as scratch:
        tempfile.tempdir = os.environ["TMPDIR"] = scratch  # what ministack writes goes away with the process
        # not asyncio.run: it would wait for worker threads, in the middle of operations that nobody will ask about
        asyncio.new_event_loop().run_until_complete(_serve(listener, until_stdin_closes))
    os._exit(0)


def _raise_open_files():
    """As many open files as the system lets this process have: an ordinary user's 1024 are too few for the tests of
    many deployers."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most if most != resource.RLIM_INFINITY else 65536, most))


async def _serve(listener, until_stdin_closes):
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from . import install
    logging.getLogger("kms").setLevel(logging.ERROR)  # it warns that it can't sign, which nobody here wants
    install()
    from ministack import app
    stop = asyncio.Event()
    _watch(stop, until_stdin_closes)

    async def until_stopped():  # hypercorn calls it when it listens
        print(f"ready http://{HOST}:{listener.getsockname()[1]}", flush=True)
        await stop.wait()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = os.environ["LOG_LEVEL"]
    config.graceful_timeout = 0.1
    logging.getLogger("hypercorn.error").setLevel(config.loglevel)
    await serve(app.app, config, shutdown_trigger=until_stopped)


def _watch(stop, until_stdin_closes):
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def read_to_the_end():
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(stop.set)
    if until_stdin_closes:
        threading.Thread(target=read_to_the_end, daemon=True).start()

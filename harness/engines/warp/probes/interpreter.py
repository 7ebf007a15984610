"""Python's own waits: what an agent in Python does."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import queue
import select
import socket
import subprocess
import threading
import time
from typing import Callable

from harness.engines.warp.probes.probe import probe


def _raises(error: type[BaseException], wait: Callable[[], object]) -> str | None:
    try:
        wait()
    except error:
        return None
    return f"did not end with {error.__name__}"


@probe("time.sleep")
def _sleep(seconds: float) -> str | None:
    time.sleep(seconds)
    return None


@probe("threading.Event.wait")
def _event(seconds: float) -> str | None:
    return "was set" if threading.Event().wait(seconds) else None


@probe("threading.Condition.wait")
def _condition(seconds: float) -> str | None:
    condition = threading.Condition()
    with condition:
        return "was notified" if condition.wait(seconds) else None


@probe("Lock.acquire(timeout)")
def _lock(seconds: float) -> str | None:
    lock = threading.Lock()
    lock.acquire()
    return "was acquired" if lock.acquire(timeout=seconds) else None


@probe("Thread.join(timeout)")
def _join(seconds: float) -> str | None:
    enough = threading.Event()
    thread = threading.Thread(target=enough.wait)
    thread.start()
    thread.join(seconds)
    alive = thread.is_alive()
    enough.set()
    thread.join()
    return None if alive else "had ended"


@probe("queue.get(timeout)")
def _queue(seconds: float) -> str | None:
    nothing: queue.Queue[int] = queue.Queue()
    return _raises(queue.Empty, lambda: nothing.get(timeout=seconds))


@probe("Future.result(timeout)")
def _future(seconds: float) -> str | None:
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    return _raises(concurrent.futures.TimeoutError, lambda: future.result(timeout=seconds))


@probe("select.select")
def _select(seconds: float) -> str | None:
    reader, writer = os.pipe()
    ready = select.select([reader], [], [], seconds)[0]
    os.close(reader)
    os.close(writer)
    return "was ready" if ready else None


@probe("select.poll")
def _poll(seconds: float) -> str | None:
    return "was ready" if select.poll().poll(seconds * 1000) else None


@probe("select.epoll")
def _epoll(seconds: float) -> str | None:
    with select.epoll() as epoll:
        return "was ready" if epoll.poll(seconds) else None


@probe("socket.recv, settimeout")
def _recv(seconds: float) -> str | None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(seconds)
        return _raises(socket.timeout, lambda: ours.recv(1))


@probe("socket.accept, settimeout")
def _accept(seconds: float) -> str | None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(seconds)
        return _raises(socket.timeout, listener.accept)


@probe("asyncio.sleep")
def _asyncio_sleep(seconds: float) -> str | None:
    asyncio.run(asyncio.sleep(seconds))
    return None


@probe("asyncio.wait_for")
def _wait_for(seconds: float) -> str | None:
    async def forever() -> None:
        await asyncio.Event().wait()

    return _raises(asyncio.TimeoutError, lambda: asyncio.run(asyncio.wait_for(forever(), seconds)))


@probe("subprocess.wait(timeout)")
def _subprocess_wait(seconds: float) -> str | None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        return _raises(subprocess.TimeoutExpired, lambda: process.wait(timeout=seconds))


@probe("subprocess.communicate(timeout)")
def _communicate(seconds: float) -> str | None:
    reader, writer = os.pipe()
    with subprocess.Popen(["cat"], stdin=reader, stdout=subprocess.PIPE) as process:
        wrong = _raises(subprocess.TimeoutExpired, lambda: process.communicate(timeout=seconds))
        process.kill()
    os.close(reader)
    os.close(writer)
    return wrong


@probe("a child process's sleep")
def _child(seconds: float) -> str | None:
    """A child that is another program: it has inherited the environment."""
    status = subprocess.run(["sleep", f"{seconds:.3f}"], check=False).returncode
    return None if status == 0 else f"ended with {status}"

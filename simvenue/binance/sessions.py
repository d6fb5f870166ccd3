"""WebSocket sessions: what each one has subscribed to, a queue to write from, and ways to break it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

import msgspec
from aiohttp import WSMessage, WSMsgType, web

QUEUE_LIMIT = 20_000


class Session:
    """Hold one client's socket; ``combined`` sessions get each message wrapped with its stream's name."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, *, combined: bool) -> None:
        self.socket = socket
        self._transport = transport
        self.combined = combined
        self.listen_key = ""
        self.streams: set[str] = set()
        self.binary = False  # SBE answers go out as binary frames
        self.half_open = False  # the connection stays, nothing is answered any more, pings included
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE_LIMIT)

    def send(self, data: bytes) -> None:
        """Queue a message; a client that does not read is cut off."""
        try:
            self._queue.put_nowait(data)
        except asyncio.QueueFull:
            self.cut()

    def answer(self, value: object) -> None:
        self.send(msgspec.json.encode(value))

    async def write(self) -> None:
        """Send what is queued until the socket closes; a half-open session stays silent."""
        while not self.socket.closed:
            data = await self._queue.get()
            if self.half_open:
                continue
            try:
                if self.binary:
                    await self.socket.send_bytes(data)
                else:
                    await self.socket.send_str(data.decode())
            except (ConnectionError, RuntimeError):
                return

    async def answer_ping(self, message: WSMessage) -> None:
        """Answer a client's ping, unless the session is half open."""
        if message.type is WSMsgType.PING and not self.half_open:
            await self.socket.pong(message.data)

    def cut(self) -> None:
        """Close the connection without a farewell."""
        if self._transport is not None:
            self._transport.abort()


class Hub:
    """Know every session and who listens to which stream."""

    def __init__(self) -> None:
        self.sessions: set[Session] = set()
        self._listeners: dict[str, set[Session]] = defaultdict(set)

    def join(self, session: Session) -> None:
        self.sessions.add(session)

    def leave(self, session: Session) -> None:
        self.sessions.discard(session)
        self.unsubscribe(session, list(session.streams))

    def subscribe(self, session: Session, streams: Iterable[str]) -> None:
        for stream in streams:
            session.streams.add(stream)
            self._listeners[stream].add(session)

    def unsubscribe(self, session: Session, streams: Iterable[str]) -> None:
        for stream in streams:
            session.streams.discard(stream)
            self._listeners[stream].discard(session)
            if not self._listeners[stream]:
                del self._listeners[stream]

    def wanted(self) -> list[str]:
        """Return the streams that somebody listens to."""
        return list(self._listeners)

    def publish(self, stream: str, payload: object) -> None:
        """Send a message to all who listen to a stream."""
        sessions = self._listeners.get(stream)
        if not sessions:
            return
        raw = msgspec.json.encode(payload)
        wrapped = b'{"stream":"%s","data":%s}' % (stream.encode(), raw)
        for session in list(sessions):
            session.send(wrapped if session.combined else raw)

    def of_user(self, listen_keys: Iterable[str] | None = None) -> list[Session]:
        """Return the sessions with a listen key, of some keys or of all."""
        keys = None if listen_keys is None else set(listen_keys)
        return [s for s in self.sessions if s.listen_key and (keys is None or s.listen_key in keys)]

"""The WebSocket API of spot: sessions that log on, order requests, and the account's events on the same socket."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.keys import READ
from simvenue.binance.params import Params
from simvenue.binance.sessions import Session
from simvenue.binance.ws_api import WsApiDoor
from simvenue.spot import user_events
from simvenue.spot.sbe.answers import envelope
from simvenue.spot.sbe.events import event as sbe_event
from simvenue.spot.shapes import Json
from simvenue.spot.venue import SpotVenue


class SpotWsApiDoor(WsApiDoor[SpotVenue]):
    """Remember per session who has logged on and what was subscribed to."""

    def __init__(self, venue: SpotVenue, methods: Mapping[str, Endpoint[SpotVenue]]) -> None:
        super().__init__(venue, dict(methods) | SESSION_METHODS)
        self._key_of: dict[Session, str] = {}
        self._subscriptions: dict[Session, dict[int, str]] = {}

    def join(self, session: Session, request: web.Request) -> None:
        super().join(session, request)
        session.binary = request.query.get("responseFormat") == "sbe"

    def leave(self, session: Session) -> None:
        super().leave(session)
        self._key_of.pop(session, None)
        self._subscriptions.pop(session, None)

    def listening(self) -> list[Session]:
        """Return the sessions that hear the account's events."""
        return [session for session, numbers in self._subscriptions.items() if numbers]

    def deliver(self, event: Json) -> None:
        """Send an event of the account once per subscription."""
        for session, numbers in list(self._subscriptions.items()):
            for number in numbers:
                self.send_event(session, number, event)

    def send_event(self, session: Session, number: int, event: Json) -> None:
        if session.binary:
            session.send(sbe_event(event))
        else:
            session.answer({"subscriptionId": number, "event": event})

    def reply(self, session: Session, method: str, answer: dict[str, Any]) -> None:
        if session.binary:
            session.send(envelope(method, answer))
        else:
            super().reply(session, method, answer)

    def end_subscriptions(self) -> None:
        """End every subscription, as the venue does when a key loses its rights."""
        self.deliver(user_events.terminated(self._venue.now_ms()))
        self._subscriptions.clear()

    def authenticate(self, session: Session, endpoint: Endpoint[SpotVenue], values: Mapping[str, str]) -> str:
        name = self._key_of.get(session)
        if name is None or values.get("apiKey"):
            return super().authenticate(session, endpoint, values)
        return self._venue.keys.identify(name, endpoint.permission).key

    def act(self, session: Session, method: str, endpoint: Endpoint[SpotVenue], values: Mapping[str, str]) -> object:
        own: dict[str, Callable[[], object]] = {
            "session.logon": lambda: self._log_on(session, values["_key"]),
            "session.status": lambda: self._status(session),
            "session.logout": lambda: self._log_out(session),
            "session.subscriptions": lambda: self._listed(session),
            "userDataStream.subscribe": lambda: self._subscribe(session, self._logged_on(session)),
            "userDataStream.subscribe.signature": lambda: self._subscribe(session, values["_key"]),
            "userDataStream.unsubscribe": lambda: self._unsubscribe(session, Params(values)),
        }
        return own[method]() if method in own else super().act(session, method, endpoint, values)

    def _logged_on(self, session: Session) -> str:
        if session not in self._key_of:
            raise ApiError(-2015, "Invalid API-key, IP, or permissions for action: session.logon first.", 401)
        return self._key_of[session]

    def _log_out(self, session: Session) -> Json:
        self._key_of.pop(session, None)
        return self._status(session)

    def _listed(self, session: Session) -> list[Json]:
        return [{"subscriptionId": number} for number in self._subscriptions.get(session, {})]

    def _log_on(self, session: Session, name: str) -> Json:
        if not self._venue.keys.identify(name, READ).public:
            raise ApiError(-4056, "HMAC_SHA256 API key is not supported.")
        self._key_of[session] = name
        return self._status(session)

    def _status(self, session: Session) -> Json:
        now, name = self._venue.now_ms(), self._key_of.get(session)
        return {
            "apiKey": name,
            "authorizedSince": now if name else None,
            "connectedSince": now,
            "returnRateLimits": False,
            "serverTime": now,
            "userDataStream": bool(self._subscriptions.get(session)),
        }

    def _subscribe(self, session: Session, name: str) -> Json:
        numbers = self._subscriptions.setdefault(session, {})
        if name in numbers.values():
            raise ApiError(-2035, "Subscription already active in this session.")
        number = max(numbers, default=-1) + 1
        numbers[number] = name
        return {"subscriptionId": number}

    def _unsubscribe(self, session: Session, params: Params) -> Json:
        numbers = self._subscriptions.get(session, {})
        if params.values.get("subscriptionId"):
            numbers.pop(params.integer("subscriptionId"), None)
        else:
            numbers.clear()
        return {}


def _session_only(venue: SpotVenue, params: Params) -> Any:
    """Stand for a method that its session answers."""
    del venue, params


SESSION_METHODS: dict[str, Endpoint[SpotVenue]] = {
    "session.logon": Endpoint(_session_only, 2, READ),
    "session.status": Endpoint(_session_only, 2),
    "session.logout": Endpoint(_session_only, 2),
    "session.subscriptions": Endpoint(_session_only, 2),
    "userDataStream.subscribe": Endpoint(_session_only, 2),
    "userDataStream.subscribe.signature": Endpoint(_session_only, 2, READ),
    "userDataStream.unsubscribe": Endpoint(_session_only, 2),
}

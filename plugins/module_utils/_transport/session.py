# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP on requests: one token, one pool, retries by what a repeat would do. The only file that imports requests."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from typing import Any, Callable, TypeVar
from urllib.parse import quote, urlencode

from .._errors import MissingLibraryError, RefusedError, UnexpectedAnswerError, UnreachableError
from .._options import ConnectionOptions, fits_header
from .._options.urls import wrong_url_cure
from .._wire import Reader, StatusWords, client_login_body
from .answers import Answer, Call, Redactor, bad_proxy, lost, not_reached, refusal, strange, tls_failed
from .body import Body, text_lines
from .causes import LostError, NotSentError, TLSError, causes, handshake_failed, root_cause
from .pace import Pace, backoff, retry_after

try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import exceptions as urllib3_errors
    from urllib3.util import parse_url
except ImportError:
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

    #: What requests finds wrong before it sends anything.
    _NEVER_SENT = (
        requests.exceptions.InvalidHeader,
        requests.exceptions.InvalidJSONError,
        requests.exceptions.InvalidSchema,
        requests.exceptions.InvalidURL,
        requests.exceptions.MissingSchema,
        UnicodeEncodeError,
    )

    class _Requests(requests.Session):
        """A session that does not look where a redirect leads: odd ones would raise, after the request was sent."""

        def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002  requests names it
            return None


T = TypeVar("T")

TOKEN_PATH = "/v1.0/auth/token"  # [P]
#: Ways to log in, the next one where one is answered with 404 or 405: [P] with a body of [C], [P2], [C].
LOGIN_WAYS = (("POST", TOKEN_PATH), ("POST", "/v1.0/auth/login"), ("GET", TOKEN_PATH))
CLIENT_TOKEN_PATH = "/v1.0/auth/clientToken"  # [P]
#: How long one request waits out 429s, in seconds, before it gives up.
THROTTLE_PATIENCE = 900.0
#: How often what an answer says that makes no sense is asked for again.
_STRANGE_RETRIES = 2
#: How often one request may find that its token has expired, before the login itself is taken to be of no use.
_RENEWALS = 3
#: The service, or a proxy before it, is out of order for a moment: worth another try where a repeat does no harm.
_MOMENTARY = (408, 502, 503, 504)


class _StrangeError(Exception):
    """The answer is 2xx, and not the data it should be."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.status = answer.status
        self.text = answer.text  # read here: the connection is gone later


class Session:
    """A connection to the service, shared by threads: one token, one pool, one pace.

    Args:
        options: the connection options.
        on_secret: is told each token obtained, so that the caller can keep it out of results.
        clock: seconds that never go backwards.
        sleep: waits for a number of seconds; None: or until `stop`.
        client: id and secret of a trusted client, which then logs in for api_username in the place of api_password.

    Raises MissingLibraryError without requests, AuthenticationError without credentials.
    """

    def __init__(
        self,
        options: ConnectionOptions,
        on_secret: Callable[[str], Any] = lambda secret: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
        client: tuple[str, str] | None = None,
    ) -> None:
        if REQUESTS_IMPORT_ERROR:
            raise MissingLibraryError("requests", REQUESTS_IMPORT_ERROR)
        if client is None:
            options.require_credentials()
        self._options = options
        self._client = client
        self._on_secret = on_secret
        self._clock = clock
        self._lock = threading.Lock()
        self._login_lock = threading.Lock()
        self._token = options.api_token
        self._login_corp_id: str | None = None
        self._redactor = Redactor(options.api_token, options.api_password, client[1] if client else None)
        self._pace = Pace(options.requests_per_minute, clock, sleep)
        self._sleep = self._pace.pause
        self._way: tuple[str, str] | None = None
        #: Reads the answers, with the names and words that the user adds.
        self.reader = Reader(options.field_names, StatusWords(options.status_words))
        self.reader.redact = self._redactor.redact_all
        #: Receives each answer before it is read, for the account check.
        self.on_answer: Callable[[Call, Answer], None] | None = None
        self._counts = {"get": 0, "post": 0, "retried": 0}
        self._http = _Requests()
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=options.concurrency)
        self._http.mount("https://", adapter)
        self._http.mount("http://", adapter)
        # Proxies and certificates of the environment: looked up here once, as that takes longer than all else.
        verify = (options.ca_path or True) if options.validate_certs else False
        found = self._http.merge_environment_settings(options.api_url, {}, True, verify, None)
        self._http.trust_env = False
        self._http.proxies, self._verify = found["proxies"], found["verify"]
        self._redactor.add(_proxy_password(options.api_url, found["proxies"]))
        self._http.headers.update({"User-Agent": "kajeet.sentinel (Ansible collection)", "Accept": "application/json"})

    def close(self) -> None:
        """Closes the pool's connections."""
        self._http.close()

    def stop(self) -> None:
        """Lets nothing leave any more, and ends all waiting: each call raises StoppedError. For other threads."""
        self._pace.stop()

    @property
    def concurrency(self) -> int:
        """How many requests may be under way at once."""
        return self._options.concurrency

    def statistics(self) -> dict[str, Any]:
        """`get` and `post`: requests sent (logins not counted); `retried`: how many of them were repeats;
        `throttled_seconds`: wall time held back by 429s."""
        with self._lock:
            return dict(self._counts, throttled_seconds=round(self._pace.held_seconds, 3))

    def corp_id(self) -> str | None:
        """The option `corp_id`, otherwise the one that the login told [C]. May log in."""
        if not self._options.corp_id and self._may_login() and self._login_corp_id is None:
            self._renew(self._token)
        return self._options.corp_id or self._login_corp_id

    def login(self) -> tuple[str, str | None]:
        """Logs in; returns the new token, and the corp id where the reply tells it [C]."""
        self._renew(self._token)
        return self._bearer(), self._login_corp_id

    def redacted(self, data: Any) -> Any:
        """JSON data with every secret in it masked, for messages."""
        return self._redactor.redact_all(data)

    # -- Calls ---------------------------------------------------------------------------------------------------------

    def get(self, path: str, query: Mapping[str, Any] | None = None, scope: str | None = None) -> Any:
        """GETs JSON. `query` entries that are None are left out; `scope` is what a 403 would mean is missing."""
        return self._json(Call("GET", path, scope), query=query)

    def submit(
        self,
        path: str,
        body: Mapping[str, Any],
        scope: str | None = None,
        about_to_send: Callable[[], None] = lambda: None,
    ) -> Any:
        """POSTs JSON that changes something. Never repeated unless the service provably did not take it.

        `about_to_send` is called before each time that it leaves, which may be long after this call: where the pace, a
        429 or a login hold it back.

        Raises AmbiguousError where nobody knows, RefusedError (or ScopeError …) where it was provably not taken.
        """
        return self._json(Call("POST", path, scope, repeatable=False), about_to_send=about_to_send, json=body)

    def upload(self, path: str, filename: str, content: bytes, scope: str | None = None) -> Any:
        """POSTs a file as the form field `file`, to an endpoint that only reads it: may be repeated."""
        return self._json(Call("POST", path, scope), files={"file": (filename, content, "text/csv")})

    def stream(
        self,
        path: str,
        query: Mapping[str, Any] | None,
        read: Callable[[Iterator[str]], T],
        scope: str | None = None,
    ) -> T:
        """GETs text line by line without holding it: `read` takes the lines (with their ends) and returns the result.

        Where the download breaks off, `read` is called anew with the first line of a new one.
        """
        call = Call("GET", path, scope)

        def receive(answer: Answer) -> T:
            if "html" in answer.kind:
                raise _StrangeError(answer)
            return read(text_lines(answer.stream, answer.kind))

        return self._call(call, receive, query=query, stream=True)

    # -- One call, with its retries ------------------------------------------------------------------------------------

    def _json(self, call: Call, query: Mapping[str, Any] | None = None, **how: Any) -> Any:
        def receive(answer: Answer) -> Any:
            try:
                return answer.json()
            except ValueError:
                if "json" in answer.kind:
                    words = self._redactor.excerpt(answer.text) or "it is empty"
                    raise LostError(f"the answer is no whole JSON: {words}") from None
                raise _StrangeError(answer) from None

        return self._call(call, receive, query=query, **how)

    def _call(
        self,
        call: Call,
        receive: Callable[[Answer], T],
        query: Mapping[str, Any] | None = None,
        stream: bool = False,
        about_to_send: Callable[[], None] = lambda: None,
        **content: Any,
    ) -> T:
        started = self._clock()
        url = self._url(call.path, query)
        sent = failures = renewed = 0
        while True:
            retries = self._options.request_retries
            left = self._pace.wait()
            token = None if call.login else self._bearer()
            about_to_send()
            self._count(call, again=sent > 0)
            sent += 1
            try:
                with closing(self._send(call, url, token, content)) as response:
                    answer = self._received(response, stream)
                    if self.on_answer is not None:
                        self.on_answer(call, answer)
                    status = answer.status
                    if 200 <= status < 300:
                        return receive(answer)
                # A token may expire again before the request gets its turn.
                if status == 401 and renewed < _RENEWALS and not call.login and self._may_login():
                    renewed += 1
                    self._renew(token)
                    continue
                if status == 429 and self._waits_out(answer, sent, started, left):
                    continue
                error = refusal(call, status, self._redactor.words(answer), self._may_login())
                if status not in _MOMENTARY or not call.repeatable:
                    raise error
            except TLSError as problem:
                raise tls_failed(call, self._options.api_url, str(problem)) from None
            except NotSentError as problem:
                error = not_reached(call, self._options.api_url, str(problem))
            except LostError as problem:
                error = lost(call, self._options.api_url, self._redactor.redact(str(problem)))
                if not call.repeatable:
                    raise error from None
            except _StrangeError as problem:
                # A proxy's page, or nothing, may be gone in a moment; a wrong address is not.
                error = strange(call, problem.status, problem.text, self._redactor)
                retries = min(retries, _STRANGE_RETRIES)
                if not call.repeatable:
                    raise error from None
            if failures >= retries:
                error.message += f" (tried {sent} times in {self._clock() - started:.0f} s)" if sent > 1 else ""
                raise error
            self._sleep(backoff(failures))
            failures += 1

    def _url(self, path: str, query: Mapping[str, Any] | None) -> str:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        # quote_via: a blank travels as %20, which a server may read where it would not read a plus.
        return self._options.api_url + path + ("?" + urlencode(given, quote_via=quote) if given else "")

    def _send(self, call: Call, url: str, token: str | None, content: Mapping[str, Any]) -> Any:
        """Sends a request; returns requests' answer, of which only the head has been read."""
        options = self._options
        try:
            return self._http.request(
                call.method,
                url,
                # An auth object, so that an entry in ~/.netrc cannot replace the token.
                auth=_Bearer(token),
                timeout=(options.request_timeout, options.request_timeout),
                verify=self._verify,
                # A redirected POST turns into a GET, and a token has no business at another address.
                allow_redirects=False,
                stream=True,
                **content,
            )
        except requests.exceptions.SSLError as error:
            raise (TLSError if handshake_failed(error, call.repeatable) else LostError)(root_cause(error)) from None
        except requests.exceptions.ConnectTimeout:
            raise NotSentError(f"no connection within {options.request_timeout:g} s") from None
        except requests.exceptions.Timeout:
            raise LostError(f"no answer within {options.request_timeout:g} s") from None
        except requests.exceptions.ConnectionError as error:
            raise (NotSentError if _never_connected(error) else LostError)(root_cause(error)) from None
        except (OSError, ValueError) as error:  # among them requests' own: a bad URL, a ca_path that is missing
            if not (call.repeatable or isinstance(error, _NEVER_SENT)):
                raise LostError(root_cause(error)) from None
            text = self._redactor.redact(str(error))
            raise UnreachableError(text, "Check api_url and ca_path.", **call.where()) from None

    def _received(self, response: Any, stream: bool) -> Answer:
        """The answer, whole but where it is 2xx and a stream is wanted."""
        broken = (urllib3_errors.HTTPError, OSError)
        body = Body(response.raw, response.headers, self._options.request_timeout, broken, self._clock)
        if 200 <= response.status_code < 300:
            return Answer(response.status_code, response.headers, b"" if stream else body.readall() or b"", body)
        text = b""
        # What the status says holds without its words.
        with suppress(LostError):
            text = body.readall() or b""
        return Answer(response.status_code, response.headers, text)

    def _waits_out(self, answer: Answer, sent: int, started: float, left: float) -> bool:
        """Holds every thread back as a 429 asks; False where this request has waited enough."""
        asked = retry_after(answer.headers.get("Retry-After"))
        # "0", or a date that has passed by our clock, must not make us ask again and again without a pause.
        seconds = max(0.1, asked or backoff(sent))
        if not self._options.request_retries or self._clock() - started + seconds > THROTTLE_PATIENCE:
            return False
        self._pace.hold(seconds, left)
        return True

    # -- The token -----------------------------------------------------------------------------------------------------

    def _may_login(self) -> bool:
        return bool(self._client or (self._options.api_username and self._options.api_password))

    def _bearer(self) -> str:
        if self._token is None:
            self._renew(None)
        return self._token or ""

    def _renew(self, used: str | None) -> None:
        """Logs in, unless another thread has replaced the token `used` in the meantime."""
        with self._login_lock:
            if self._token != used:
                return
            token, self._login_corp_id = self._log_in()
            if not fits_header(token):
                raise UnexpectedAnswerError("the token that the service gives cannot be sent", None, "POST", TOKEN_PATH)
            self._redactor.add(token)
            self._on_secret(token)
            self._token = token

    def _log_in(self) -> tuple[str, str | None]:
        """Returns a token and the corp id. Where the service does not know a way to log in, the next one is tried."""
        if self._client:
            body = client_login_body(*self._client, self._options.api_username)
            return self._ask_for_token("POST", CLIENT_TOKEN_PATH, body)
        body = {"username": self._options.api_username, "password": self._options.api_password}  # [C]
        first: RefusedError | None = None
        for way in [self._way] if self._way else LOGIN_WAYS:
            try:
                found = self._ask_for_token(*way, body)
            except RefusedError as error:
                if error.status not in (404, 405):
                    raise
                first = first or error
            else:
                self._way = way
                return found
        if first is None:
            raise AssertionError("there is a way to log in")
        first.cure = wrong_url_cure(self._options.api_url)
        raise first

    def _ask_for_token(self, method: str, path: str, body: Mapping[str, Any]) -> tuple[str, str | None]:
        call = Call(method, path, login=True)

        def receive(answer: Answer) -> tuple[str, str | None]:
            try:
                return self.reader.token_of(answer.json())
            except ValueError:
                # A reply that broke off may hold the token, which is not yet known as a secret.
                text = answer.text if answer.text.lstrip().startswith("<") else "(not shown, for its secrets)"
                raise strange(call, answer.status, text, self._redactor) from None

        return self._call(call, receive, json=body)

    def _count(self, call: Call, again: bool) -> None:
        if not call.login:
            with self._lock:
                self._counts[call.method.lower()] += 1
                self._counts["retried"] += again


class _Bearer:
    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        if self._token:
            request.headers["Authorization"] = "Bearer " + self._token
        return request


def _proxy_password(url: str, proxies: Any) -> str:
    """The password of the proxy for a URL, or nothing. Raises UnreachableError where the proxy's URL is none: what
    requests says about that quotes it, and with it a part of the password.
    """
    proxy = requests.utils.select_proxy(url, proxies) or ""
    try:
        if proxy and not parse_url(proxy if "://" in proxy else f"http://{proxy}").host:
            raise bad_proxy()
        return str(requests.utils.get_auth_from_url(proxy)[1])
    except ValueError:
        raise bad_proxy() from None


def _never_connected(error: BaseException) -> bool:
    before = (urllib3_errors.NewConnectionError, urllib3_errors.ConnectTimeoutError)
    return any(isinstance(cause, before) for cause in causes(error))

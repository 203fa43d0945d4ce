# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends one request with requests, and classifies failures by whether the request was sent."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from typing import Any

from .._errors import UnreachableError, lacking
from .._options import ConnectionOptions
from .answers import Call, proxy_url_error
from .body import Body
from .causes import LostError, NotSentError, TLSError, causes, is_handshake_failure, root_cause
from .exchange import Exchange

try:
    import requests
    from urllib3 import exceptions as urllib3_errors
    from urllib3.util import parse_url
    from urllib3.util.ssl_match_hostname import CertificateError

    from .connections import Adapter, tls_context
except ImportError:
    REQUESTS_IMPORT_ERROR: str | None = lacking("requests")
else:
    REQUESTS_IMPORT_ERROR = None

    class _Requests(requests.Session):
        """A session that ignores redirects: invalid ones would raise after the request was sent."""

        def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002  requests names it
            return None


_HEADERS = {
    "User-Agent": "kajeet.sentinel (Ansible collection)",
    "Accept": "application/json",
    # the encodings that Body can limit
    "Accept-Encoding": "gzip, deflate",
}


class Sender:
    """Sends requests: repeatable ones on kept connections, each other one on its own connection.

    Args:
        options: the connection options.

    Raises UnreachableError for an invalid proxy URL.
    """

    def __init__(self, options: ConnectionOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._keeping = self._session(keep=True)
        self._closing = self._session(keep=False)
        self._closing.headers["Connection"] = "close"
        self._closing.cookies = self._keeping.cookies
        # Look up proxies and certificates of the environment only once, because that is slow.
        verify = (options.ca_path or True) if options.validate_certs else False
        settings = self._keeping.merge_environment_settings(options.api_url, {}, True, verify, None)
        self._proxies, self._verify = settings["proxies"], settings["verify"]
        for session in (self._keeping, self._closing):
            session.trust_env = False
            session.proxies = self._proxies
        #: User name and password of the proxy; empty without a login.
        self.proxy_login = _proxy_login(options.api_url, self._proxies)

    def _session(self, keep: bool) -> Any:
        session = _Requests()
        adapter = Adapter(self._tls_context, connections=self._options.concurrency, keep=keep)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        session.headers.update(_HEADERS)
        return session

    def close(self) -> None:
        """Close all connections."""
        self._keeping.close()
        self._closing.close()

    def send(self, call: Call, url: str, token: str | None, content: Mapping[str, Any]) -> Any:
        """Send a request. Return the response of requests, with only its header read."""
        timeout = self._options.request_timeout
        return (self._keeping if call.repeatable else self._closing).request(
            call.method,
            url,
            # An auth object, so that an entry in ~/.netrc cannot replace the token.
            auth=_Bearer(token),
            timeout=(timeout, timeout),
            verify=self._verify,
            # A redirected POST would become a GET, and a token must not be sent to another address.
            allow_redirects=False,
            stream=True,
            **content,
        )

    def body(self, response: Any, exchange: Exchange) -> Body:
        """Return the unread body of a response of requests."""
        broken = (urllib3_errors.HTTPError, OSError)
        timeout = self._options.request_timeout
        return Body(response.raw, response.headers, timeout, broken, exchange=exchange)

    def failure(self, error: Exception, exchange: Exchange) -> Exception:
        """Return the NotSentError, TLSError or LostError for an error of `send`, or the error itself.

        Whether the request was sent is decided by the exchange, never by the type of the error.
        """
        timeout = f"{self._options.request_timeout:g} s"
        is_connection = isinstance(error, (requests.exceptions.ConnectionError, requests.exceptions.Timeout))
        if exchange.has_left:
            if isinstance(error, requests.exceptions.Timeout):
                return LostError(exchange.problem or f"no answer within {timeout}")
            # Errors of requests are OSErrors. Malformed headers raise ValueError.
            if isinstance(error, (OSError, ValueError, urllib3_errors.HTTPError)):
                return LostError(exchange.problem or root_cause(error))
            return error
        if isinstance(error, requests.exceptions.ConnectTimeout):
            return NotSentError(f"no connection within {timeout}")
        if is_connection or isinstance(error, urllib3_errors.HTTPError):
            # urllib3 before 2.0 checks the host name itself.
            other_name = any(isinstance(cause, CertificateError) for cause in causes(error))
            return (TLSError if other_name or is_handshake_failure(error) else NotSentError)(root_cause(error))
        return error

    def _tls_context(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                try:
                    self._context = tls_context(self._verify)
                except OSError as error:
                    problem = f"the CA certificates in {self._verify} cannot be read: {root_cause(error)}"
                    raise UnreachableError(problem, "Check api_url and ca_path.") from None
            return self._context


class _Bearer:
    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        if self._token:
            request.headers["Authorization"] = "Bearer " + self._token
        return request


def _proxy_login(url: str, proxies: Any) -> tuple[str, str]:
    """Return user name and password of the proxy for a URL, empty without a login.

    Raises UnreachableError for an invalid proxy URL. The error of requests would quote a part of the password.
    """
    proxy = requests.utils.select_proxy(url, proxies) or ""
    try:
        if proxy and not parse_url(proxy if "://" in proxy else f"http://{proxy}").host:
            raise proxy_url_error()
        username, password = requests.utils.get_auth_from_url(proxy)
    except ValueError:
        raise proxy_url_error() from None
    return str(username), str(password)

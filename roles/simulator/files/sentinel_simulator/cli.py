# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

from __future__ import annotations

import argparse
import errno
import math
import sqlite3
import ssl
import sys
from collections.abc import Sequence
from typing import NoReturn, Optional

from . import __version__
from .profiles import PROFILES


class _Parser(argparse.ArgumentParser):
    """Reports an error in one line, without the usage, which would fill the end of a log."""

    def error(self, message: str) -> NoReturn:
        """Exit with the message."""
        self.exit(2, f"{self.prog}: {message}; see --help\n")


def _parser() -> argparse.ArgumentParser:
    profiles = "; ".join(f"{profile.name}: {profile.summary}" for profile in PROFILES.values())
    parser = _Parser(
        prog="sentinel_simulator", description="A simulator of the Kajeet Sentinel Activation API, on 127.0.0.1."
    )
    parser.add_argument("--port", type=int, default=8642, help="TCP port; 0 uses a free one (default: 8642)")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="demo", help=f"{profiles} (default: demo)")
    parser.add_argument(
        "--db", default=":memory:", metavar="PATH", help="SQLite file to keep activations in (default: :memory:)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of all random choices (default: 0)")
    parser.add_argument(
        "--dialect",
        metavar="FILE",
        help="file of a dialect, or evidence file of an account, to answer in; random:SEED draws a dialect",
    )
    parser.add_argument(
        "--listing", metavar="FILE", help="JSON file of devices to add to the account's device list at the start"
    )
    parser.add_argument("--control", action="store_true", help="turn on the control interface below /_simulator/")
    parser.add_argument("--ready-file", metavar="PATH", help="write pid, port and URLs to this JSON file when ready")
    parser.add_argument("--certfile", metavar="PATH", help="serve TLS with this certificate")
    parser.add_argument("--keyfile", metavar="PATH", help="key of the certificate, if it is in another file")
    parser.add_argument(
        "--lifetime", type=float, default=0.0, metavar="SECONDS", help="seconds until it stops (default: 0, never)"
    )
    parser.add_argument(
        "--token-lifetime", type=float, metavar="SECONDS", help="seconds until an unused token expires (default: 1200)"
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _fail(message: str) -> int:
    print(f"sentinel_simulator: {message}", file=sys.stderr)
    return 2


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the simulator; return the process's exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    if not 0 <= options.port <= 65535:
        parser.error(f"--port must be between 0 and 65535, not {options.port}")
    # Written so that "nan" is refused as well.
    if not 0 <= options.lifetime < math.inf:
        parser.error(f"--lifetime must be 0 (never) or a positive number of seconds, not {options.lifetime:g}")
    if options.token_lifetime is not None and not 0 < options.token_lifetime < math.inf:
        parser.error(f"--token-lifetime must be more than 0, not {options.token_lifetime:g}")
    if options.keyfile and not options.certfile:
        parser.error("--keyfile requires --certfile")
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    # Imported late, so that --help and errors in the options are fast.
    from .app import create_app
    from .dialect_file import DialectError, load_dialect
    from .listing_file import ListingError, load_listing
    from .server import Server, listen
    from .simulator import Simulator

    try:
        dialect = None if options.dialect is None else load_dialect(options.dialect)
    except DialectError as exc:
        return _fail(f"--dialect: {exc}")
    try:
        listing = None if options.listing is None else load_listing(options.listing)
    except ListingError as exc:
        return _fail(f"--listing: {exc}")
    try:
        sock = listen(options.port)
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            return _fail(
                f"port {options.port} is in use; stop the program that listens on it, choose another with --port, "
                "or use a free one with --port 0"
            )
        return _fail(f"cannot listen on port {options.port}: {exc.strerror}; choose another with --port")
    try:
        simulator = Simulator(
            options.profile, options.db, options.seed, options.control, options.token_lifetime, dialect, listing
        )
    except sqlite3.Error as exc:
        sock.close()
        return _fail(f"cannot use the database {options.db}: {exc}")
    server = Server(
        create_app(simulator),
        sock,
        simulator.connections,
        options.certfile,
        options.keyfile,
        options.ready_file,
        options.lifetime,
        f"Sentinel simulator (profile {options.profile})",
    )
    try:
        server.config.load()
        server.run_until_stopped()
    except (ssl.SSLError, OSError) as exc:
        return _fail(f"cannot serve: {exc}")
    finally:
        simulator.store.close()
    return 0

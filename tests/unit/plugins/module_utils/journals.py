# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Journals as runs leave them."""

from __future__ import annotations

from contextlib import contextmanager

from ansible_collections.kajeet.sentinel.plugins.module_utils._observe.journal import Entry, Journal

SERVICE = "https://sentinel.example/api"


class OfOneKind:
    """A journal for devices of one kind, by their keys."""

    def __init__(self, journal, kind="sim"):
        self.journal, self.kind = journal, kind

    def __getattr__(self, name):
        return getattr(self.journal, name)

    def names(self, keys):
        """Return the journal's names of devices."""
        return [(self.kind, key) for key in keys]

    def entry(self, key):
        return self.journal.entry((self.kind, key))

    def intend(self, devices):
        return self.journal.intend(self.kind, devices)

    def adopted(self, key, partner, transaction_id):
        self.journal.adopted((self.kind, key), partner, transaction_id)

    def forget(self, keys):
        self.journal.forget(self.names(keys))

    def over(self, keys):
        self.journal.over(self.names(keys))

    def elsewhere(self, keys):
        return self.journal.elsewhere(self.names(keys))


@contextmanager
def in_use(journal, kind="sim", writable=True):
    """Open a journal for devices of one kind."""
    with journal.opened(writable):
        yield OfOneKind(journal, kind)


def opened(path, kind="sim", service=SERVICE, writable=True, now=1000.0):
    """Open a journal of one kind."""
    return in_use(Journal(str(path), service, lambda: now), kind, writable)


def submitted(*keys, before=(), partner="P"):
    """Return the devices of an intent."""
    return [(key, partner, before) for key in keys]


def left_open(path, keys=("A",), before=(), kind="sim", now=1000.0):
    """Leave an intent without an outcome, as a killed run does."""
    with opened(path, kind, now=now) as journal:
        return journal.intend(submitted(*keys, before=before))


def remembered(path, *keys, **how):
    """Return the entries of these devices."""
    with opened(path, **how) as journal:
        return [journal.entry(key) for key in keys]


def entry(transaction_id=None, at=1000.0, before=()):
    """Return the entry of a device that these helpers submitted."""
    return Entry(at, before, transaction_id, "P")

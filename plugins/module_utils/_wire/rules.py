# Copyright (c) 2026, kajeet.sentinel contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that map the words of a header or key to our fields.

A rule has meanings, words that strengthen or weaken it, and words that exclude it. A meaning needs all of its words;
its number is the certainty from 0 to 100. A meaning below `STRICT` counts only if all other words are neutral. Words
are the canonical ones of `CANONICAL`.

None of these names is published for the replies of the activation calls. They come from other material of the vendor
and comparable services [I], and from common sense [A].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .._text import word_set

#: Meanings with lower certainty need a name without unknown words.
STRICT = 75

#: Spellings → their canonical word in the rules.
CANONICAL: dict[str, str] = {
    spelling: word
    for word, spellings in {
        "number": "no nr num nbr numb # numbers",
        "id": "identifier identification ident ids uid uuid guid",
        "transaction": "txn trx trans tran tx transactions",
        "request": "req requests requested",
        "order": "ord orders",
        "activation": "activations act activate",
        "reference": "ref refno",
        "serial": "sn serialno",
        "phone": "telephone tel ph phones",
        "address": "addr addresses",
        "group": "grp groups",
        "description": "desc descr",
        "message": "msg messages",
        "error": "err errors errored",
        "quantity": "qty",
        "count": "cnt counts counter",
        "time": "ts datetime times",
        "device": "dev devices equipment handset",
        "line": "lines",
        "status": "stat statuses",
        "corp": "corporation corporate",
        "start": "started starts starting begin began begun",
        "created": "create creation",
        "submitted": "submit submission submitting",
        "success": "successes successful successfully succeeded",
        "failed": "fail fails failure failures",
        "completed": "complete completion",
        "rejected": "reject rejection",
        "processing": "process processed",
        "maximum": "max most",
        "total": "totals overall",
        "available": "avail availability",
        "element": "elements item items record records results entry entries row rows",
        "zip": "zipcode zipcodes zips",
        "postcode": "postal plz",
        "nickname": "nick nicknames",
        "carrier": "carriers",
        "network": "networks",
        "eid": "euiccid eids",
        "imei": "imeis",
        "iccid": "iccids",
        "mdn": "mdns",
        "plan": "plans",
        "detail": "details",
        "name": "names",
        "reason": "reasons",
        "last": "latest",
        "warning": "warnings warn",
        "link": "links",
        "meta": "metadata",
        "token": "tokens",
    }.items()
    for spelling in spellings.split()
}

#: Words without an effect in any rule.
NEUTRAL = word_set(
    "line device activation number of the for a an and or is as at on in by this current own value "
    "text field data info service subscriber code attribute attributes property string reported"
)

_OTHER_NUMBERS = "imsi msisdn mdn phone pin puk mac part order transaction invoice"
_NOT_AN_IDENTIFIER = (
    "status state type date time count total valid check digit name model make manufacturer vendor brand carrier "
    "operator plan lock locked match format length source provider "
    "profile swap previous prior old former original last "
    "history size form factor result message reason description note comment url link range prefix policy cost price "
    "group corp error failed software version batch " + _OTHER_NUMBERS
)


class Rule(NamedTuple):
    """The words by which a name means a field. See the module docstring."""

    means: tuple[tuple[frozenset[str], int], ...]
    weights: Mapping[str, int]
    excludes: frozenset[str]


def _rule(means: str, weights: str = "", excludes: str = "") -> Rule:
    """Return the rule for "words+words:points …", "word:points …" and "word …"."""
    meanings = [meaning.rpartition(":")[::2] for meaning in means.split()]
    points = [weight.rpartition(":")[::2] for weight in weights.split()]
    return Rule(
        tuple((frozenset(words.split("+")), int(surely)) for words, surely in meanings),
        {word: int(number) for word, number in points},
        frozenset(excludes.split()),
    )


_IDS = {
    "imei": _rule("imei:100", "", _NOT_AN_IDENTIFIER),
    "iccid": _rule(
        "iccid:100 icc+id:100 uicc:95 sim+number:82 sim+serial:90 sim+card:60 sim:50 icc:60 uicc+id:96 usim:50 ccid:60",
        "card:0 serial:0 chip:0 sim:0",
        _NOT_AN_IDENTIFIER + " eid euicc slot",
    ),
    "eid": _rule("eid:100 euicc+id:98 euicc:80 esim+id:78", "sim:0 esim:0", _NOT_AN_IDENTIFIER + " iccid"),
    "sim_id": _rule(
        "sim+id:100 smart+sim+id:105 smart+sim:88 smartsim+id:105 smartsim:88", "", _NOT_AN_IDENTIFIER + " iccid chip"
    ),
}
_KEYWORDS = (
    "imei iccid uicc sim smartsim esim eid euicc carrier operator "
    "group corp filter zip mdn phone ip nickname plan user "
    "agent customer account store location status state type date time count total parent description message reason "
    "error start end template page"
)
_TRANSACTION_ID = _rule(
    "transaction+id:100 transaction+number:92 transaction+reference:90 order+id:86 order+number:82 order+reference:80 "
    "request+id:84 request+number:78 request+reference:76 "
    "activation+id:80 activation+number:76 activation+reference:76 "
    "transaction:60 order:45 batch+id:60 reference+number:40 transaction+key:80 transaction+code:76",
    "unique:20 line:-8 device:-3",
    _KEYWORDS + " name",
)
_STATUS_WEIGHTS = "line:12 device:10 sim:6 activation:6 current:2 code:-4"
_NOT_A_STATUS = (
    "date time timestamp reason message description detail comment note billing address shipping province online "
    "connection payment lock vpn center summer previous old prior count updated changed since history user city zip "
    "country imei iccid eid http url by id effective network roaming warranty"
)
_STATUS_MEANS = (
    "status:100 line+state:98 device+state:98 sim+state:94 activation+state:94 state:70 result:50 outcome:50 stage:40"
)
_REASON = _rule(
    "error+message:100 failed+reason:100 rejected+reason:98 reason:90 "
    "error+description:95 error+text:95 error+detail:92 "
    "status+message:85 status+description:85 status+detail:80 status+reason:88 failed+message:95 error:70 message:60 "
    "remark:50 remarks:50 comment:40 failed+description:95",
    "",
    "code count total id date time type quantity",
)
_STARTED = _rule(
    "start+timestamp:100 start+time:100 start+date:100 start:90 transaction+date:86 transaction+time:84 "
    "transaction+timestamp:88 submitted:80 submitted+date:84 submitted+time:84 "
    "created:80 created+date:84 created+time:84 "
    "request+date:80 request+time:80 order+date:80 order+time:80 activation+date:78 activation+time:78 "
    "activation+timestamp:78 date:50 timestamp:50 time:45 date+time:55",
    "transaction:5",
    "end ended completed finish finished update updated modified last expiry expires expiration zone due user duration "
    "seconds minutes response connect status state id count total success failed",
)
_COMMON_WORDS = "status date time type count error reason message"

#: The fields of a line (a device in a transaction), in a CSV and in JSON.
LINE_RULES: dict[str, Rule] = {
    **_IDS,
    "transaction_id": _TRANSACTION_ID,
    "status": _rule(
        _STATUS_MEANS, _STATUS_WEIGHTS + " transaction:-30 order:-30 request:-30 batch:-30 upload:-30", _NOT_A_STATUS
    ),
    "reason": _REASON,
    "carrier": _rule(
        "carrier:100 mobile+operator:80 operator:70 network+operator:80 network:50 provider:50 mno:60",
        "name:0 mobile:0 wireless:0 cellular:0",
        "plan response ip " + _COMMON_WORDS,
    ),
    "device_group": _rule(
        "corp+id:100 device+group:95 corp:70 group+id:60 group:60 department:40",
        "",
        "filter description policy rate apn address content web " + _COMMON_WORDS,
    ),
    "filter_group": _rule(
        "filter+group:100 filter:60 content+filter:80 filtering+group:95 filter+policy:80",
        "content:0 web:0 name:0",
        _COMMON_WORDS,
    ),
    "service_zip_code": _rule("zip:100 postcode:90", "service:5 billing:-20 shipping:-20", _COMMON_WORDS),
    "mdn": _rule(
        "mdn:100 msisdn:90 phone+number:82 phone:76 mobile+number:78 ctn:70 mtn:70 cell+number:70",
        "mobile:1",
        "model make os contact emergency support imei imsi name " + _COMMON_WORDS,
    ),
    "ip": _rule("ip:100 ipv4:95 ipaddress:100", "address:0 static:0", "pool version apn " + _COMMON_WORDS),
    "nickname": _rule(
        "nickname:100 nickname+name:100 device+name:80 friendly+name:80 alias:60 label:50",
        "",
        "corp user file filter group carrier plan model " + _COMMON_WORDS,
    ),
    "started": _STARTED,
}
#: The transaction id outside the lines.
TRANSACTION_ID_RULES = {"transaction_id": _TRANSACTION_ID}
_COUNT_EXCLUDES = "date time timestamp rate percent percentage id by reason message status url page"
_OUTCOMES = "success failed error rejected completed active activated pending processing progress open remaining queued"
#: The fields of a transaction in the history.
TRANSACTION_RULES: dict[str, Rule] = {
    **_IDS,
    "transaction_id": _TRANSACTION_ID._replace(
        means=(*_TRANSACTION_ID.means, (frozenset({"id"}), 42), (frozenset({"reference"}), 35))
    ),
    "status": _rule(
        _STATUS_MEANS,
        "transaction:12 order:10 request:10 activation:8 overall:8 total:2 line:-30 device:-30 sim:-30 code:-4",
        _NOT_A_STATUS,
    ),
    "started": _STARTED,
    "total": _rule(
        "total+line:100 total+device:90 line+count:92 device+count:88 "
        "line+quantity:85 device+quantity:80 total:60 line:50 "
        "number+of+line:90 number+of+device:88 quantity:50 count:40",
        "sim:0",
        f"{_OUTCOMES} {_COUNT_EXCLUDES}",
    ),
    "success": _rule(
        "success:95 completed:85 activated:80 active:78 done:50",
        "line:1 device:1 total:1 count:1",
        f"failed error pending {_COUNT_EXCLUDES}",
    ),
    "failed": _rule(
        "failed:95 error:80 rejected:78",
        "line:1 device:1 total:1 count:1",
        f"success pending text description detail {_COUNT_EXCLUDES}",
    ),
    "pending": _rule(
        "pending:95 processing:76 progress:78 remaining:76 open:50 queued:50 waiting:50",
        "line:1 device:1 total:1 count:1",
        f"success failed {_COUNT_EXCLUDES}",
    ),
}
_LIMIT_EXCLUDES = "limit maximum date time remaining available"
#: Fields that only the device list has. The names are those of its CSV columns [P], in the words of `CANONICAL`.
DETAIL_RULES: dict[str, Rule] = {
    "device_name": _rule("device+name:100", "display:0", "corp user group plan type model make"),
    "device_group_name": _rule(
        "corp+description:100 corp+name:96 device+group+name:98 device+group+description:98", "", "filter parent"
    ),
    "online": _rule("online+status:100 online:90 connection+status:85 connected:80", "", "date time last since count"),
    "last_30_days_used": _rule("last+days+used:100 last+days+usage:100 days+usage:85", "amount:0", _LIMIT_EXCLUDES),
    "monthly_amount_used": _rule("monthly+used:100 monthly+usage:100 month+usage:85", "amount:0", _LIMIT_EXCLUDES),
    "day_amount_used": _rule(
        "day+used:100 day+usage:95 daily+used:95 daily+usage:95 today+usage:85", "amount:0", _LIMIT_EXCLUDES
    ),
    "monthly_limit": _rule("monthly+limit:100 month+limit:85", "", "date used"),
    "daily_limit": _rule("daily+limit:100 day+limit:85", "", "date used"),
    "labels": _rule("labels:100 label:80", "", "id count"),
    "media_center_status": _rule("media+center+status:100"),
    "summer_status": _rule("summer+status:100 summer+suspension:85"),
    "effective_vpn_status": _rule("effective+vpn+status:100 vpn+status:90"),
    "note": _rule("note:100 notes:100", "", "date count"),
    "apn": _rule("apn:100", "", "id type"),
    "mdn_custom_field": _rule("mdn+custom:100 custom+field:85"),
    "mac": _rule("mac:100", "address:0", "type"),
    "oem_serial_number": _rule("oem+serial:100 oem+serial+number:100", "", "sim"),
    "name": _rule("name:60"),
    "description": _rule("description:60"),
    "plan_id": _rule("plan+id:100 plan+code:78 plan:50", "rate:0", "name description status type"),
    "sim_type": _rule("sim+type:100"),
}
#: Other data in answers, one table for each kind.
CARRIER_RULES = {
    "carrier": _rule(
        "carrier:100 name:80 operator:78 network+operator:90 network:76 provider:76 mno:76",
        "name:0 mobile:0 wireless:0 cellular:0 display:-5",
        "id type status group",
    )
}
PLAN_RULES = {
    "plan_id": _rule(
        "plan+id:100 plan+code:78 plan+number:76 id:50 plan:50", "wh:-10 rate:1 billing:1", "name description"
    )
}
STOCK_RULES = {
    "available": _rule(
        "available:100 remaining:80 stock:76 count:60 quantity:60",
        "total:1 esim:1 count:1",
        "maximum limit date used default",
    ),
    "max_per_request": _rule("maximum:100 limit:76", "default:1 count:1", "date"),
}
INVENTORY_RULES = {"count": _rule("available:100 count:80 quantity:80 stock:78", "total:1", "maximum limit date used")}
TOTAL_RULES = {
    "total_count": _rule(
        "total+count:100 total+element:95 total+transaction:90 total+device:90 "
        "element+count:85 total:60 count:50 total+number:78",
        "number:0",
        "page pages size failed success pending line",
    )
}
TOKEN_RULES = {
    "token": _rule(
        "token:100 jwt:90 bearer:60",
        "access:2 auth:1 bearer:1 id:-5",
        "type expires expiration expiry refresh in valid",
    ),
}
CORP_RULES = {
    "corp_id": _rule("corp+id:100 corp+code:80 corp:60", "", "name description"),
}
#: Generic names, which are read together with the outer key: {"transaction": {"id": 5}}.
GENERIC = word_set("id value name code number key reference text label display")
#: An identifier below one of these words belongs to another device.
FORMER = word_set("previous prior old former original replaced history")

TABLES = (
    LINE_RULES,
    DETAIL_RULES,
    TRANSACTION_RULES,
    CARRIER_RULES,
    PLAN_RULES,
    STOCK_RULES,
    INVENTORY_RULES,
    TOTAL_RULES,
    TOKEN_RULES,
    CORP_RULES,
)
#: Fields of the option `field_names`.
FIELDS = tuple(dict.fromkeys(field for table in TABLES for field in table))
#: All words of the rules in all spellings. Compound names are split into these.
VOCABULARY = frozenset(
    [
        *CANONICAL,
        *CANONICAL.values(),
        *NEUTRAL,
        *GENERIC,
        *(word for table in TABLES for rule in table.values() for words, _points in rule.means for word in words),
        *(word for table in TABLES for rule in table.values() for word in (*rule.weights, *rule.excludes)),
    ]
) - {"a", "#"}

#: Names of reply fields in the vendor's material, folded: [P] for corpId, imei, iccid, carrier, filterGroup,
#: deviceGroup and uniqueTransactionId, [C] for token, [I] for the others.
PUBLISHED: dict[str, frozenset[str]] = {
    "imei": frozenset({"imei"}),
    "iccid": frozenset({"iccid"}),
    "eid": frozenset({"eid"}),
    "sim_id": frozenset({"simid"}),
    "transaction_id": frozenset({"transactionid", "uniquetransactionid"}),
    "status": frozenset({"status"}),
    "carrier": frozenset({"carrier"}),
    "device_group": frozenset({"corpid", "devicegroup"}),
    "filter_group": frozenset({"filtergroup"}),
    "service_zip_code": frozenset({"zipcode", "servicezipcode"}),
    "mdn": frozenset({"mdn"}),
    "ip": frozenset({"ip"}),
    "nickname": frozenset({"nickname"}),
    "started": frozenset({"transactionstarttimestamp"}),
    "total": frozenset({"totallines"}),
    "success": frozenset({"successlines"}),
    "failed": frozenset({"failedlines"}),
    "pending": frozenset({"pendinglines"}),
    "plan_id": frozenset({"planid"}),
    "available": frozenset({"totalavailableesimcount"}),
    "max_per_request": frozenset({"maxdefaultcount"}),
    "total_count": frozenset({"totalcount"}),
    "token": frozenset({"token"}),
    "corp_id": frozenset({"corpid"}),
}

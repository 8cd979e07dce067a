"""Who may do what: one table from role to actions, and a member of staff with the roles they have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from bot.db.enums import Role

# queue: the day as it runs (lead: close it, move bookings); center: hours, exceptions, counters; people: staff and their roles;
# notices: writing one and sending it are two rights; questions: what citizens asked of people; delivery: rows that leave;
# dossiers: received papers and their results; feedback: remarks to be answered (figures are figures.read, what the province
# published is figures.enter); digest: what stood in a day's way;
# assist: ask, book and print for a citizen at one's side; practice: exercises (read: those of others).
Action = Literal[
    "queue.read", "queue.work", "queue.lead", "center.read", "center.setup", "people.read", "people.manage", "figures.read", "audit.read",
    "notices.read", "notices.write", "notices.send", "questions.read", "questions.work", "delivery.read", "delivery.work",
    "assist", "practice", "practice.read", "dossiers.read", "dossiers.work", "feedback.read", "feedback.work", "digest.read", "digest.work",
    "figures.enter",
]  # fmt: skip
EVERYWHERE = "*"

_VOLUNTEER: frozenset[Action] = frozenset({"assist", "practice"})
_CLERK: frozenset[Action] = _VOLUNTEER | {
    "queue.read",
    "queue.work",
    "center.read",
    "questions.read",
    "questions.work",
    "notices.read",
    "notices.write",
    "dossiers.read",
    "dossiers.work",
}
_LEAD: frozenset[Action] = _CLERK | {
    "queue.lead", "center.setup", "people.read", "people.manage", "notices.send", "delivery.read", "delivery.work", "practice.read",
    "feedback.read", "feedback.work", "digest.read", "digest.work", "figures.read",
}  # fmt: skip
_MANAGER: frozenset[Action] = _LEAD | {"audit.read", "figures.enter"}
_AUDITOR: frozenset[Action] = frozenset(
    {
        "queue.read", "center.read", "people.read", "figures.read", "audit.read", "notices.read", "questions.read", "delivery.read",
        "practice.read", "dossiers.read", "feedback.read", "digest.read",
    }
)  # fmt: skip
ACTIONS: Mapping[Role, frozenset[Action]] = {
    "volunteer": _VOLUNTEER,
    "clerk": _CLERK,
    "lead": _LEAD,
    "manager": _MANAGER,
    "auditor": _AUDITOR,
    "admin": frozenset(get_args(Action)),
}
ROLES: tuple[Role, ...] = get_args(Role)
# Only an admin makes admins: a manager may do nearly the same, but not hand it on.
_GRANTS: Mapping[Role, frozenset[Role]] = {
    "volunteer": frozenset(),
    "clerk": frozenset(),
    "lead": frozenset({"volunteer", "clerk", "lead"}),
    "manager": frozenset({"volunteer", "clerk", "lead", "manager", "auditor"}),
    "auditor": frozenset(),
    "admin": frozenset(ROLES),
}


@dataclass(frozen=True)
class Member:
    """Somebody on the staff. `roles`: by the center's id; EVERYWHERE stands for all centers, also those still to come."""

    id: int
    name: str
    roles: Mapping[str, Role]

    @property
    def actor(self) -> str:
        """How the audit log and the events of a visit name them."""
        return f"staff:{self.id}"

    def at(self, center_id: str) -> tuple[Role, ...]:
        """The roles that count at this center; at EVERYWHERE only those for all centers."""
        return tuple(self.roles[scope] for scope in dict.fromkeys((center_id, EVERYWHERE)) if scope in self.roles)

    def may(self, action: Action, center_id: str) -> bool:
        return any(action in ACTIONS[role] for role in self.at(center_id))

    def may_grant(self, role: Role, scope: str) -> bool:
        """Whether they may give or take this role there: nobody hands out more than they have."""
        return any(role in _GRANTS[own] for own in self.at(scope))

    def may_handle(self, other: Member) -> bool:
        """Whether they may rename, switch off or let in somebody: only one whose every role they could have given.

        Whoever holds the sign-in link of another is that other, at every center.
        """
        return bool(other.roles) and all(self.may_grant(role, scope) for scope, role in other.roles.items())

    def grants(self, scope: str) -> tuple[Role, ...]:
        """The roles they may give there."""
        return tuple(role for role in ROLES if self.may_grant(role, scope))

    def centers(self, known: Iterable[str]) -> tuple[str, ...]:
        """Those of the `known` centers where they have any role."""
        return tuple(center_id for center_id in known if self.at(center_id))

"""Rule sets: what is in force and why, drafting, comparing, publishing."""

from typing import Any

from flask import g, request

from portal.access import Permission as P
from portal.access import holds
from portal.audit import timeline
from portal.kernel.errors import NotFound
from portal.kernel.ruling import ALLOWED
from portal.kernel.workdays import day_of
from portal.office.actions import rulesets as actions
from portal.office.actions.rulesets import BadDraft
from portal.office.forms import SOURCE_MARK, RuleSetForm, VerbForm, field_of
from portal.office.lifecycle import RULESET, STATE_LABELS
from portal.office.queries import rulesets as queries
from portal.office.queries.rulesets import Version
from portal.office.rules.rulesets import layers_of, stated_of, unset
from portal.office.views.door import bp, here
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence, verb_label
from tenants import ruleset
from tenants.models import RuleSetVersion
from tenants.ruleset import KEYS, Effective

NATIONAL = "national"


@bp.get("/t/<tenant>/rules")
@allow(P.RULESET_READ)
def rules() -> str:
    """The rules in force today, every value with what it rests on and who states it."""
    found = queries.in_force(day_of(g.now))
    effective = queries.effective_of(found) if found else ruleset.merge(ruleset.national())
    versions = queries.versions()
    return page(
        "office/rules.html",
        found=found,
        groups=_lines(effective, versions),
        unset=unset(ruleset.texts(effective)),
        draft=next((each for each in versions if each.row.published_at is None), None),
        above=_newer_above(found, versions),
        may_draft=holds(current_actor(), P.RULESET_DRAFT),
    )


def _lines(effective: dict[str, Effective], versions: list[Version]) -> Any:
    names = {each.code: each.owner for each in versions}
    return queries.lines(effective, names, g.seat.tenant_code)


def _newer_above(found: Version | None, versions: list[Version]) -> Version | None:
    """A set from above that took effect after ours was published: ours does not know it yet."""
    if found is None or found.depth > 0 or found.row.published_at is None:
        return None
    today, ours = day_of(g.now), found.row.published_at
    later = (
        each
        for each in versions
        if each.depth > 0
        and each.row.published_at is not None
        and each.row.published_at > ours
        and each.row.effective_on <= today
    )
    return next(later, None)


@bp.get("/t/<tenant>/rules/versions")
@allow(P.RULESET_READ)
def versions() -> str:
    """Every version, one's own and those published above."""
    found = queries.versions()
    return page(
        "office/versions.html",
        versions=found,
        states=STATE_LABELS,
        in_force=queries.in_force(day_of(g.now)),
        may_draft=holds(current_actor(), P.RULESET_DRAFT),
    )


@bp.get("/t/<tenant>/rules/<uuid:row_id>")
@allow(P.RULESET_READ, queries.version)
def ruleset_version(found: Version) -> str:
    """One version, whole; a draft with what can be done to it."""
    effective = queries.effective_of(found)
    return page(
        "office/version.html",
        found=found,
        state=STATE_LABELS[found.state],
        groups=_lines(effective, queries.versions()),
        unset=unset(ruleset.texts(effective)),
        verbs=_verbs(found),
        moments=[
            {"what": verb_label(each.verb), "at": each.at, "who": each.who}
            for each in reversed(timeline(found.row.id))
            if not each.verb.endswith(".refused")
        ],
    )


def _verbs(found: Version) -> list[dict[str, Any]]:
    actor = current_actor()
    verbs = []
    if found.depth == 0 and found.row.published_at is None:
        if holds(actor, P.RULESET_DRAFT):
            verbs.append({"label": "继续起草", "url": here("ask_draft"), "ruling": ALLOWED, "page": True})
        if holds(actor, P.RULESET_PUBLISH):
            facts = actions.publish_facts(found.row, by=actor, now=g.now)
            ruling = RULESET.judge("publish", found.state, facts)
            url = here("ask_publish", row_id=found.row.id)
            verbs.append({"label": "批准发布", "url": url, "ruling": ruling, "page": True})
    return verbs


@bp.get("/t/<tenant>/rules/compare")
@allow(P.RULESET_READ)
def compare() -> str:
    """Two versions side by side, differences only."""
    known = queries.versions()
    *_, earlier, latest = NATIONAL, NATIONAL, *(str(each.row.id) for each in reversed(known))
    named = request.args.get("before", earlier), request.args.get("after", latest)
    before, after = (_chosen(name, known) for name in named)
    changes = (
        ruleset.diff(ruleset.texts(_effective(before)), ruleset.texts(_effective(after)))
        if before and after
        else ()
    )
    return page(
        "office/compare.html",
        options=[(NATIONAL, "国家规定和本系统建议值"), *((str(each.row.id), each.label) for each in known)],
        before=named[0],
        after=named[1],
        compared=bool(before and after),
        changes=[
            (KEYS[each.key], _shown(each.key, each.before), _shown(each.key, each.after)) for each in changes
        ],
    )


def _chosen(text: str, known: list[Version]) -> Version | str | None:
    if text == NATIONAL:
        return NATIONAL
    return next((each for each in known if str(each.row.id) == text), None)


def _effective(chosen: Version | str) -> dict[str, Effective]:
    if isinstance(chosen, str):
        return ruleset.merge(ruleset.national())
    return queries.effective_of(chosen)


def _shown(key: str, text: str | None) -> str:
    return KEYS[key].shown(ruleset.values_of({key: text})[key] if text else None)


@bp.get("/t/<tenant>/rules/draft")
@allow(P.RULESET_DRAFT)
def ask_draft() -> str:
    """The form: the draft there is, or one begun from the latest published version."""
    row = queries.draft()
    model = row or queries.latest_published()
    form = RuleSetForm(
        data={
            "effective_on": row.effective_on if row else day_of(g.now),
            "note": row.note if row else "",
            "seen": actions.seen(row),
        }
    )
    if model is not None:
        own = {name: stated_of(item) for name, item in model.own.items()}
        form.lay(
            ruleset.to_form({name: stated.text for name, stated in own.items()}),
            {name: stated.source for name, stated in own.items()},
        )
    return _draft_page(form)


@bp.post("/t/<tenant>/rules/draft")
@allow(P.RULESET_DRAFT)
def draft() -> Any:
    """Save the draft, or say at each field what is wrong with it."""
    form = RuleSetForm(request.form)
    if form.validate():
        try:
            row = actions.draft(
                form.typed(day_of(g.now)), seen_as=form.seen.data or "", by=current_actor(), now=g.now
            )
        except BadDraft as bad:
            for fault in bad.faults:
                put_errors(form, {field_of(fault.key): fault.message})
            for name in bad.unsourced:
                put_errors(form, {field_of(name) + SOURCE_MARK: sentence("office.source_missing")})
        else:
            return done("office.drafted", to=here("ruleset_version", row_id=row.id))
    return _draft_page(form), 422


def _draft_page(form: RuleSetForm) -> str:
    base = queries.inherited(form.effective_on.data or day_of(g.now))
    whole = base.row.whole if base else None
    below = ruleset.merge(ruleset.national(), *(layers_of(whole) if whole else ()))
    names = {base.code: base.owner} if base else {}
    return page(
        "office/draft.html",
        form=form,
        groups=queries.lines(below, names, ""),
        field_of=field_of,
        source_mark=SOURCE_MARK,
    )


@bp.get("/t/<tenant>/rules/<uuid:row_id>/publish")
@allow(P.RULESET_PUBLISH, queries.own_version)
def ask_publish(row: RuleSetVersion) -> str:
    """Ask once more: what changes, what stays unset and what that means."""
    if row.published_at is not None:
        raise NotFound
    found = queries.version(row.id)
    effective = queries.effective_of(found)
    now_held = queries.in_force(row.effective_on)
    before = queries.effective_of(now_held) if now_held else ruleset.merge(ruleset.national())
    changes = ruleset.diff(ruleset.texts(before), ruleset.texts(effective))
    return page(
        "office/publish.html",
        form=VerbForm(),
        found=found,
        before=now_held,
        changes=[
            (KEYS[each.key], _shown(each.key, each.before), _shown(each.key, each.after)) for each in changes
        ],
        unset=unset(ruleset.texts(effective)),
        ruling=RULESET.judge(
            "publish", found.state, actions.publish_facts(row, by=current_actor(), now=g.now)
        ),
    )


@bp.post("/t/<tenant>/rules/<uuid:row_id>/publish")
@allow(P.RULESET_PUBLISH, queries.own_version)
def publish(row: RuleSetVersion) -> Any:
    """Publish it; it never changes from now on."""
    actions.publish(row, by=current_actor(), now=g.now)
    return done("office.published", to=here("rules"), number=row.version, effective_on=row.effective_on)

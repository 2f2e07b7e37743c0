"""Assembly only: the application out of its parts."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from flask import Flask, request
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from portal import audit, bid, cli, draw, identity, tender
from portal.access import Actor
from portal.access import Permission as P
from portal.appraisal import events as appraisal_events
from portal.appraisal import jobs as appraisal_jobs
from portal.appraisal import views as appraisal_views
from portal.audit import views as audit_views
from portal.award import events as award_events
from portal.award import jobs as award_jobs
from portal.award import views as award_views
from portal.award.lifecycle import Awarded
from portal.bid import events as bid_events
from portal.bid import views as bid_views
from portal.commission import views as commission_views
from portal.config import Settings
from portal.contract import events as contract_events
from portal.contract import views as contract_views
from portal.contract.lifecycle import ContractEffective, ContractExtended
from portal.deliverable import events as deliverable_events
from portal.deliverable import jobs as deliverable_jobs
from portal.deliverable import views as deliverable_views
from portal.deliverable.lifecycle import DeliverableAccepted, WorkDelivered
from portal.demo import clock, roster
from portal.document import views as document_views
from portal.draw import views as draw_views
from portal.draw.lifecycle import DrawEnded, DrawSeeded
from portal.expert import views as expert_views
from portal.file import views as file_views
from portal.firm import views as firm_views
from portal.identity import views as identity_views
from portal.identity.queries import IDLE_MINUTES
from portal.kernel.ruling import Ruling
from portal.office import views as office_views
from portal.office import when_opened
from portal.panel import events as panel_events
from portal.panel import jobs as panel_jobs
from portal.panel import views as panel_views
from portal.panel.lifecycle import PanelRanked
from portal.quality import events as quality_events
from portal.quality import jobs as quality_jobs
from portal.quality import views as quality_views
from portal.quality.lifecycle import QualityFinal
from portal.ranking import jobs as ranking_jobs
from portal.ranking import views as ranking_views
from portal.replay import views as replay_views
from portal.report import annual, home, invitations, numbers, progress, under_way
from portal.scoresheet import provide as provide_forms
from portal.scoresheet import views as scoresheet_views
from portal.settlement import events as settlement_events
from portal.settlement import views as settlement_views
from portal.subject import views as subject_views
from portal.tender import jobs as tender_jobs
from portal.tender import views as tender_views
from portal.tender.lifecycle import TenderClosed, TenderEnded, TenderIssued, TenderResumed
from portal.unit import views as unit_views
from portal.web import assets, compression, errors, filters, guard, proxies, uploads
from portal.web.pages import Chrome, Entry
from portal.wording import say, verb_label
from tenants.db import db

BLUEPRINTS = (
    home.bp,
    invitations.bp,
    annual.bp,
    numbers.bp,
    progress.bp,
    under_way.bp,
    clock.bp,
    roster.bp,
    identity_views.bp,
    audit_views.bp,
    file_views.bp,
    office_views.bp,
    document_views.bp,
    document_views.board,
    scoresheet_views.bp,
    subject_views.bp,
    unit_views.bp,
    firm_views.bp,
    firm_views.leads,
    expert_views.bp,
    draw_views.bp,
    draw_views.board,
    commission_views.bp,
    tender_views.bp,
    bid_views.bp,
    panel_views.bp,
    ranking_views.bp,
    ranking_views.objections,
    replay_views.bp,
    award_views.bp,
    award_views.letters,
    contract_views.bp,
    quality_views.rounds,
    quality_views.seats,
    quality_views.sheets,
    deliverable_views.bp,
    appraisal_views.bp,
    appraisal_views.sheets,
    settlement_views.bp,
    settlement_views.payments,
    settlement_views.recoveries,
)
NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "工作",
        (
            Entry("首页", "home.home", P.HOME_READ),
            Entry("委托", "commission.commissions", P.COMMISSION_READ),
            Entry("采购", "tender.tenders", P.TENDER_READ),
            Entry("采购邀请", "tender.invitations", P.INVITATION_READ),
            Entry("合同", "contract.contracts", P.CONTRACT_READ),
            Entry("成果", "deliverable.deliverables", P.DELIVERABLE_READ),
            Entry("征求意见", "deliverable.consultations", P.CONSULTATION_READ),
            Entry("资料交接", "deliverable.materials", P.MATERIAL_READ),
            Entry("会审", "round.rounds", P.ROUND_READ),
            Entry("我的评审", "seat.seats", P.SEAT_READ),
            Entry("考评", "appraisal.appraisals", P.APPRAISAL_READ),
            Entry("结算与付款", "settlement.accounts", P.SETTLEMENT_READ),
            Entry("年度排名", "ranking.rankings", P.RANKING_READ),
            Entry("抽取", "draw.draws", P.DRAW_READ),
        ),
    ),
    (
        "登记",
        (
            Entry("预算单位", "unit.units", P.UNIT_READ),
            Entry("评价对象", "subject.subjects", P.SUBJECT_READ),
            Entry("第三方机构", "firm.firms", P.FIRM_READ),
            Entry("主评人", "lead_evaluator.lead_evaluators", P.FIRM_READ),
            Entry("评审专家", "expert.experts", P.EXPERT_READ),
        ),
    ),
    (
        "本局",
        (
            Entry("规则集", "office.rules", P.RULESET_READ),
            Entry("评分表模板", "scoresheet.templates", P.TEMPLATE_READ),
            Entry("文号登记", "office.numbers", P.NUMBER_READ),
            Entry("科室职责", "office.sections", P.SECTION_READ),
            Entry("专家库授权", "office.library", P.EXPERT_READ),
            Entry("工作日历", "office.calendar", P.CALENDAR_READ),
        ),
    ),
    (
        "平台",
        (
            Entry("财政局开设", "office.tenants", P.TENANT_READ),
            Entry("工作日历", "office.years", P.CALENDAR_LOAD),
        ),
    ),
    (
        "管理",
        (
            Entry("下级财政局", "identity.counties", P.SUPERVISION_READ),
            Entry("账号与岗位", "identity.accounts", P.ACCOUNT_READ),
            Entry("岗位权限表", "identity.roles", P.ROLE_READ),
            Entry("审计记录", "audit.events", P.AUDIT_READ),
        ),
    ),
)
# What else a bureau shows everybody beside its announcements.
PUBLIC_LISTS = (document_views.PublicList("抽取", "public_draw.draws_of_bureau", draw.publishers),)
# Which page shows what asked for a draw: its kind → an endpoint taking ``row_id``.
DRAW_SUBJECTS: Mapping[str, str] = {"panel": "panel.panel", "round": "round.one"}
# Who hears of what, upstream first; each a function of (event, by=, now=) in its slice's `events`.
HEARERS: Mapping[type, tuple[Callable[..., None], ...]] = {
    DrawSeeded: (panel_events.hear_seeded, quality_events.draw_seeded),
    DrawEnded: (panel_events.hear_draw_ended, quality_events.draw_ended),
    TenderIssued: (panel_events.hear_issued,),
    TenderClosed: (bid_events.closed, panel_events.hear_closed),
    TenderEnded: (panel_events.hear_ended, award_events.hear_ended),
    TenderResumed: (award_events.hear_resumed,),
    PanelRanked: (award_events.hear_ranked,),
    Awarded: (contract_events.awarded,),
    ContractEffective: (deliverable_events.contract_effective, quality_events.contract_effective),
    ContractExtended: (deliverable_events.contract_extended,),
    DeliverableAccepted: (settlement_events.deliverable_accepted,),
    WorkDelivered: (appraisal_events.work_delivered, settlement_events.work_delivered),
    QualityFinal: (appraisal_events.quality_final, settlement_events.quality_final),
}
# What the clock does: a machine's name → a function of (row id, verb, now) in its slice's `jobs`.
CLOCKWORK: Mapping[str, Callable[[UUID, str, datetime], None]] = {
    "tender": tender_jobs.ring,
    "explanation": panel_jobs.ring,
    "award": award_jobs.ring,
    "round": quality_jobs.ring_round,
    "appraisal": appraisal_jobs.ring,
    "ranking": ranking_jobs.ring,
    "consultation": deliverable_jobs.ring,
    "seat": quality_jobs.ring_seat,
}
MOST_CONNECTIONS = 64  # a sign-in holds two, and a process has 32 threads: fewer would wait for each other
MAX_BODY = 32 * 1024 * 1024
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Raises `RuntimeError` where a view has no guard."""
    settings = settings or Settings.from_environment()
    app = Flask("portal", template_folder="../templates")
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.session_secret,
        SQLALCHEMY_DATABASE_URI=settings.database.web,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": True,
            "pool_size": 16,
            "max_overflow": MOST_CONNECTIONS - 16,
        },
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        BABEL_DEFAULT_LOCALE="zh_CN",
        BOOTSTRAP_SERVE_LOCAL=True,
        MAX_CONTENT_LENGTH=MAX_BODY,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]
    else:
        proxies.watch(app, settings.var)
    db.init_app(app)
    Migrate(app, db, directory="migrations")
    Babel(app)
    Bootstrap5(app)
    uploads.register(app)
    compression.register(app)
    _dress(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    when_opened(provide_forms)
    tender.count_bids_with(bid.count)
    tender.answers_with(bid.has_submitted)
    guard.install(
        app,
        guard.Hooks(
            load=identity.load,
            keep_refusal=_keep_refusal,
            sign_in_page=identity_views.carried_sign_in,
            compared=identity.compared,
        ),
    )
    app.extensions["portal_chrome"] = Chrome(NAVIGATION, audit.waiting_counts, IDLE_MINUTES)
    app.extensions["portal_public_lists"] = PUBLIC_LISTS
    app.extensions["portal_draw_subjects"] = DRAW_SUBJECTS
    app.extensions["portal_hearers"] = HEARERS
    app.extensions["portal_clockwork"] = CLOCKWORK
    errors.register(app)
    cli.register(app)
    guard.check_guarded(app)
    return app


def _dress(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters.register(app)
    assets.register(app)
    app.add_template_filter(say, "sentence")
    app.add_template_filter(verb_label, "verb")
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint not in guard.ASSETS:
        response.headers["Cache-Control"] = "no-store"
    return response


def _keep_refusal(verb: str, ruling: Ruling, actor: Actor, now: datetime, row_id: UUID | None) -> None:
    actor = bid.unnamed(actor) if verb.startswith("bid.") else actor
    audit.refused(verb, ruling, by=actor, now=now, subject_id=row_id)

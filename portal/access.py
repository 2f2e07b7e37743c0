"""Who may: roles, permissions, grants, and posts one person may not hold together. No times, no states."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a post is. The label is what users read; `ROLE_LABELS` has them all."""

    HANDLER = "handler"
    CHECKER = "checker"
    APPROVER = "approver"
    BUYER = "buyer"
    OPENER = "opener"
    PANEL_MEMBER = "panel_member"
    PANEL_CHAIR = "panel_chair"
    COMPLAINT_OFFICER = "complaint_officer"
    INSPECTOR = "inspector"
    ORGANISER = "organiser"
    PAYER = "payer"
    SUPERVISOR = "supervisor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    EXPERT = "expert"
    FIRM_HANDLER = "firm_handler"
    FIRM_SIGNATORY = "firm_signatory"
    LEAD_EVALUATOR = "lead_evaluator"
    UNIT_HANDLER = "unit_handler"
    UNIT_HEAD = "unit_head"
    OPERATOR = "operator"


ROLE_LABELS: dict[Role, str] = {
    Role.HANDLER: "经办人",
    Role.CHECKER: "复核人",
    Role.APPROVER: "审批人（局领导/股室负责人）",
    Role.BUYER: "采购人",
    Role.OPENER: "开启人",
    Role.PANEL_MEMBER: "评审小组成员",
    Role.PANEL_CHAIR: "评审小组组长",
    Role.COMPLAINT_OFFICER: "采购监管（质疑投诉）",
    Role.INSPECTOR: "监督检查（整改）",
    Role.ORGANISER: "会审组织人",
    Role.PAYER: "支付经办",
    Role.SUPERVISOR: "上级监督",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
    Role.EXPERT: "评审专家",
    Role.FIRM_HANDLER: "机构经办人",
    Role.FIRM_SIGNATORY: "机构签章人",
    Role.LEAD_EVALUATOR: "主评人",
    Role.UNIT_HANDLER: "单位经办人",
    Role.UNIT_HEAD: "单位负责人",
    Role.OPERATOR: "平台运维",
}

OUTSIDE = frozenset(
    {
        Role.EXPERT,
        Role.FIRM_HANDLER,
        Role.FIRM_SIGNATORY,
        Role.LEAD_EVALUATOR,
        Role.UNIT_HANDLER,
        Role.UNIT_HEAD,
    }
)
STAFF = frozenset(Role) - OUTSIDE - {Role.OPERATOR}
_BUSINESS = (Role.HANDLER, Role.CHECKER, Role.APPROVER, Role.BUYER, Role.ORGANISER, Role.PAYER)
_PANEL = (Role.PANEL_CHAIR, Role.PANEL_MEMBER)
_FIRM = (Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, Role.LEAD_EVALUATOR)


def _pairs(*groups: tuple[tuple[Role, ...], tuple[Role, ...], str]) -> dict[frozenset[Role], str]:
    return {
        frozenset({one, other}): reason for ones, others, reason in groups for one in ones for other in others
    }


INCOMPATIBLE: dict[frozenset[Role], str] = _pairs(
    ((Role.HANDLER,), (Role.APPROVER,), "起草的人不能批准"),
    ((Role.CHECKER,), (Role.APPROVER,), "复核的人不能批准"),
    ((Role.BUYER,), (Role.COMPLAINT_OFFICER,), "采购监督管理部门不得参与采购（政府采购法第六十条）"),
    ((Role.BUYER, Role.COMPLAINT_OFFICER), (Role.INSPECTOR,), "采购、质疑投诉与整改检查由不同的人承担"),
    ((Role.SYSTEM_ADMIN,), (Role.SECURITY_ADMIN,), "三员分立"),
    ((Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN), (Role.AUDIT_ADMIN,), "三员分立"),
    (_BUSINESS, (Role.AUDIT_ADMIN,), "审计的人不办业务"),
    (tuple(STAFF), _FIRM, "财政部门人员不得兼任第三方机构职务"),
    ((Role.EXPERT, Role.UNIT_HANDLER, Role.UNIT_HEAD), _FIRM, "评分的人与被评机构不得有利害关系"),
)


EVERYWHERE = frozenset(frozenset({one, other}) for one in STAFF for other in _FIRM)


class Permission(StrEnum):
    """``slice:verb``, the verb of the table of moves; reading a slice is ``slice:read``."""

    ACCOUNT_READ = "account:read"
    ACCOUNT_GRANT = "account:grant"
    ACCOUNT_CODES = "account:codes"
    ACCOUNT_END_POST = "account:end_post"
    ACCOUNT_OPEN = "account:open"
    ACCOUNT_UNLOCK = "account:unlock"
    APPRAISAL_CLOSE = "appraisal:close"
    APPRAISAL_EXTEND = "appraisal:extend"
    APPRAISAL_FINISH = "appraisal:finish"
    APPRAISAL_READ = "appraisal:read"
    APPRAISAL_TALK = "appraisal:talk"
    APPRAISAL_SHEET_EXPLAIN = "appraisal_sheet:explain"
    APPRAISAL_SHEET_FILL = "appraisal_sheet:fill"
    APPRAISAL_SHEET_LOCK = "appraisal_sheet:lock"
    APPRAISAL_SHEET_READ = "appraisal_sheet:read"
    APPRAISAL_SHEET_RETURN = "appraisal_sheet:return"
    APPRAISAL_SHEET_SIGN = "appraisal_sheet:sign"
    AUDIT_READ = "audit:read"
    AWARD_DECIDE = "award:decide"
    AWARD_FAIL = "award:fail"
    AWARD_LETTER_ACKNOWLEDGE = "award_letter:acknowledge"
    AWARD_LETTER_READ = "award_letter:read"
    AWARD_READ = "award:read"
    BID_READ = "bid:read"
    BID_REPLACE = "bid:replace"
    BID_SUBMIT = "bid:submit"
    BID_WITHDRAW = "bid:withdraw"
    CALENDAR_LOAD = "calendar:load"
    CALENDAR_READ = "calendar:read"
    COMMISSION_APPROVE = "commission:approve"
    COMMISSION_BUY = "commission:buy"
    COMMISSION_CORRECT = "commission:correct"
    COMMISSION_DISCARD = "commission:discard"
    COMMISSION_DRAFT = "commission:draft"
    COMMISSION_READ = "commission:read"
    COMMISSION_RETURN = "commission:return"
    COMMISSION_SUBMIT = "commission:submit"
    COMMISSION_WITHDRAW = "commission:withdraw"
    CONSULTATION_AGREE = "consultation:agree"
    CONSULTATION_ANSWER = "consultation:answer"
    CONSULTATION_LAPSE = "consultation:lapse"
    CONSULTATION_NOTE = "consultation:note"
    CONSULTATION_READ = "consultation:read"
    CONSULTATION_STATE = "consultation:state"
    CONTRACT_CANCEL = "contract:cancel"
    CONTRACT_COMPLETE = "contract:complete"
    CONTRACT_CONFIRM = "contract:confirm"
    CONTRACT_DRAFT = "contract:draft"
    CONTRACT_EXTEND = "contract:extend"
    CONTRACT_FILE = "contract:file"
    CONTRACT_OFFER = "contract:offer"
    CONTRACT_READ = "contract:read"
    CONTRACT_RETURN = "contract:return"
    CONTRACT_REVISE = "contract:revise"
    CONTRACT_SIGN = "contract:sign"
    DELIVERABLE_ACCEPT = "deliverable:accept"
    DELIVERABLE_READ = "deliverable:read"
    DELIVERABLE_RETURN = "deliverable:return"
    DELIVERABLE_SUBMIT = "deliverable:submit"
    DRAW_END = "draw:end"
    DRAW_MINUTES = "draw:minutes"
    DRAW_READ = "draw:read"
    DRAW_SEED = "draw:seed"
    DOCUMENT_READ = "document:read"
    EXPERT_IMPORT = "expert:import"
    EXPERT_READ = "expert:read"
    EXPERT_SHARE = "expert:share"
    EXPLANATION_ANSWER = "explanation:answer"
    EXPLANATION_READ = "explanation:read"
    FILE_READ = "file:read"
    FIRM_IMPORT = "firm:import"
    FIRM_READ = "firm:read"
    HOME_READ = "home:read"
    INVITATION_READ = "invitation:read"
    MATERIAL_ASK = "material:ask"
    MATERIAL_GIVE_BACK = "material:give_back"
    MATERIAL_HAND_OVER = "material:hand_over"
    MATERIAL_READ = "material:read"
    MATERIAL_RECEIVE = "material:receive"
    MATERIAL_WITHDRAW = "material:withdraw"
    NUMBER_OPEN = "number:open"
    NUMBER_READ = "number:read"
    NUMBER_TAKE = "number:take"
    PANEL_ASK = "panel:ask"
    PANEL_CONCLUDE = "panel:conclude"
    PANEL_DECLARE = "panel:declare"
    PANEL_DRAW = "panel:draw"
    PANEL_EXAMINE = "panel:examine"
    PANEL_JUDGE = "panel:judge"
    PANEL_OPEN = "panel:open"
    PANEL_READ = "panel:read"
    PANEL_RECUSE = "panel:recuse"
    PANEL_REOPEN = "panel:reopen"
    PANEL_REPLACE = "panel:replace"
    PANEL_SIGN = "panel:sign"
    PANEL_TERMINATE = "panel:terminate"
    PAYMENT_CHECK = "payment:check"
    PAYMENT_PAY = "payment:pay"
    PAYMENT_READ = "payment:read"
    PAYMENT_REQUEST = "payment:request"
    PAYMENT_RETURN = "payment:return"
    PERSONAL_REVEAL = "personal:reveal"
    RECOVERY_ACKNOWLEDGE = "recovery:acknowledge"
    RECOVERY_READ = "recovery:read"
    RECOVERY_RECEIVE = "recovery:receive"
    SETTLEMENT_ADJUST = "settlement:adjust"
    SETTLEMENT_CONFIRM = "settlement:confirm"
    SETTLEMENT_READ = "settlement:read"
    RANKING_ACKNOWLEDGE = "ranking:acknowledge"
    RANKING_CORRECT = "ranking:correct"
    RANKING_DRAFT = "ranking:draft"
    RANKING_EXPORT = "ranking:export"
    RANKING_FINALISE = "ranking:finalise"
    RANKING_OBJECTION_ANSWER = "ranking_objection:answer"
    RANKING_OBJECTION_DRAFT = "ranking_objection:draft"
    RANKING_PUBLISH = "ranking:publish"
    RANKING_READ = "ranking:read"
    RANKING_SUMMARISE = "ranking:summarise"
    ROLE_READ = "role:read"
    ROUND_CONCUR = "round:concur"
    ROUND_DISMISS = "round:dismiss"
    ROUND_DRAW = "round:draw"
    ROUND_MATCH = "round:match"
    ROUND_NOTIFY = "round:notify"
    ROUND_OBJECT = "round:object"
    ROUND_READ = "round:read"
    ROUND_REOPEN = "round:reopen"
    ROUND_SAMPLE = "round:sample"
    ROUND_SCORE = "round:score"
    ROUND_SUPPLEMENT = "round:supplement"
    ROUND_UPHOLD = "round:uphold"
    ROUND_VETO = "round:veto"
    RULESET_DRAFT = "ruleset:draft"
    RULESET_PUBLISH = "ruleset:publish"
    RULESET_READ = "ruleset:read"
    SECTION_EDIT = "section:edit"
    SECTION_READ = "section:read"
    SEAT_ACCEPT = "seat:accept"
    SEAT_DECLINE = "seat:decline"
    SEAT_EXTEND = "seat:extend"
    SEAT_READ = "seat:read"
    SEAT_RECUSE = "seat:recuse"
    SHEET_HAND_IN = "sheet:hand_in"
    SHEET_READ = "sheet:read"
    SHEET_SAVE = "sheet:save"
    SUBJECT_IMPORT = "subject:import"
    SUBJECT_READ = "subject:read"
    SUPERVISION_ENTER = "supervision:enter"
    SUPERVISION_LEAVE = "supervision:leave"
    SUPERVISION_READ = "supervision:read"
    TEMPLATE_READ = "template:read"
    TENANT_OPEN = "tenant:open"
    TENANT_READ = "tenant:read"
    TENDER_ACKNOWLEDGE = "tender:acknowledge"
    TENDER_AMEND = "tender:amend"
    TENDER_ANSWER = "tender:answer"
    TENDER_APPROVE = "tender:approve"
    TENDER_ASK = "tender:ask"
    TENDER_CANCEL = "tender:cancel"
    TENDER_DISCARD = "tender:discard"
    TENDER_DRAFT = "tender:draft"
    TENDER_ISSUE = "tender:issue"
    TENDER_MATCH = "tender:match"
    TENDER_READ = "tender:read"
    TENDER_RESPOND = "tender:respond"
    TENDER_RESUME = "tender:resume"
    TENDER_RETURN = "tender:return"
    TENDER_SUBMIT = "tender:submit"
    TENDER_SUSPEND = "tender:suspend"
    TENDER_TERMINATE = "tender:terminate"
    UNIT_IMPORT = "unit:import"
    UNIT_READ = "unit:read"
    VISIT_READ = "visit:read"
    VISIT_RECORD = "visit:record"
    VISIT_STRIKE = "visit:strike"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, and the relation the row must have to the actor: the name of a method the row answers."""

    role: Role
    relation: str | None = None


def _to(*roles: Role, relation: str | None = None) -> tuple[Grant, ...]:
    return tuple(Grant(role, relation) for role in roles)


P = Permission
_ALL_STAFF = tuple(role for role in Role if role in STAFF)
_ALL_OUTSIDE = tuple(role for role in Role if role in OUTSIDE)
GRANTS: dict[Permission, tuple[Grant, ...]] = {
    P.ACCOUNT_READ: _to(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN),
    P.ACCOUNT_GRANT: _to(Role.SECURITY_ADMIN),
    P.ACCOUNT_CODES: _to(Role.SECURITY_ADMIN),
    P.ACCOUNT_END_POST: _to(Role.SECURITY_ADMIN),
    P.ACCOUNT_OPEN: _to(Role.SECURITY_ADMIN),
    P.ACCOUNT_UNLOCK: _to(Role.SECURITY_ADMIN),
    P.APPRAISAL_CLOSE: _to(Role.APPROVER),
    P.APPRAISAL_EXTEND: _to(Role.APPROVER),
    P.APPRAISAL_FINISH: _to(Role.APPROVER),
    P.APPRAISAL_READ: (
        *_to(*_ALL_STAFF),
        *_to(Role.UNIT_HANDLER, Role.UNIT_HEAD, *_FIRM, relation="is_reader"),
    ),
    P.APPRAISAL_TALK: _to(Role.HANDLER, relation="in_section"),
    P.APPRAISAL_SHEET_EXPLAIN: _to(Role.UNIT_HANDLER, Role.HANDLER, relation="is_filler"),
    P.APPRAISAL_SHEET_FILL: _to(Role.UNIT_HANDLER, Role.HANDLER, relation="is_filler"),
    P.APPRAISAL_SHEET_LOCK: _to(Role.UNIT_HEAD, Role.APPROVER, relation="is_head"),
    P.APPRAISAL_SHEET_READ: _to(*_ALL_STAFF, Role.UNIT_HANDLER, Role.UNIT_HEAD, relation="may_read"),
    P.APPRAISAL_SHEET_RETURN: _to(Role.UNIT_HEAD, Role.APPROVER, relation="is_head"),
    P.APPRAISAL_SHEET_SIGN: _to(Role.UNIT_HANDLER, Role.HANDLER, relation="is_filler"),
    P.AUDIT_READ: _to(Role.AUDIT_ADMIN),
    P.AWARD_DECIDE: _to(Role.BUYER),
    P.AWARD_FAIL: _to(Role.BUYER),
    P.AWARD_LETTER_ACKNOWLEDGE: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_addressed"),
    P.AWARD_LETTER_READ: _to(*_FIRM, relation="is_addressed"),
    P.AWARD_READ: _to(*_ALL_STAFF),
    P.BID_READ: _to(*_ALL_STAFF) + _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_invited"),
    P.BID_REPLACE: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_invited"),
    P.BID_SUBMIT: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_invited"),
    P.BID_WITHDRAW: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_invited"),
    P.CALENDAR_LOAD: _to(Role.OPERATOR),
    P.CALENDAR_READ: _to(*_ALL_STAFF),
    P.COMMISSION_APPROVE: _to(Role.APPROVER),
    P.COMMISSION_BUY: _to(Role.BUYER),
    P.COMMISSION_CORRECT: _to(Role.HANDLER, relation="in_section"),
    P.COMMISSION_DISCARD: _to(Role.HANDLER, relation="in_section"),
    P.COMMISSION_DRAFT: _to(Role.HANDLER, relation="in_section"),
    P.COMMISSION_READ: _to(*_ALL_STAFF),
    P.COMMISSION_RETURN: _to(Role.APPROVER),
    P.COMMISSION_SUBMIT: _to(Role.HANDLER, relation="in_section"),
    P.COMMISSION_WITHDRAW: _to(Role.APPROVER),
    P.CONSULTATION_AGREE: _to(Role.UNIT_HANDLER, relation="is_unit"),
    P.CONSULTATION_ANSWER: _to(Role.FIRM_HANDLER, Role.LEAD_EVALUATOR, relation="is_firm"),
    P.CONSULTATION_LAPSE: _to(Role.HANDLER, relation="in_section"),
    P.CONSULTATION_NOTE: _to(Role.UNIT_HANDLER, relation="is_unit"),
    P.CONSULTATION_READ: _to(*_ALL_STAFF)
    + _to(*_FIRM, relation="is_firm")
    + _to(Role.UNIT_HANDLER, Role.UNIT_HEAD, relation="is_unit"),
    P.CONSULTATION_STATE: _to(Role.UNIT_HANDLER, relation="is_unit"),
    P.CONTRACT_CANCEL: _to(Role.APPROVER),
    P.CONTRACT_COMPLETE: _to(Role.HANDLER, relation="in_section"),
    P.CONTRACT_CONFIRM: _to(Role.FIRM_SIGNATORY, relation="is_firm"),
    P.CONTRACT_DRAFT: _to(Role.HANDLER, Role.BUYER, relation="in_section"),
    P.CONTRACT_EXTEND: _to(Role.HANDLER, relation="in_section"),
    P.CONTRACT_FILE: _to(Role.HANDLER, Role.BUYER, relation="in_section"),
    P.CONTRACT_OFFER: _to(Role.HANDLER, Role.BUYER, relation="in_section"),
    P.CONTRACT_READ: _to(*_ALL_STAFF) + _to(*_FIRM, relation="is_firm"),
    P.CONTRACT_RETURN: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_firm"),
    P.CONTRACT_REVISE: _to(Role.HANDLER, Role.BUYER, relation="in_section"),
    P.CONTRACT_SIGN: _to(Role.APPROVER),
    P.DELIVERABLE_ACCEPT: _to(Role.HANDLER, relation="in_section"),
    P.DELIVERABLE_READ: _to(*_ALL_STAFF) + _to(*_FIRM, relation="is_firm"),
    P.DELIVERABLE_RETURN: _to(Role.HANDLER, relation="in_section"),
    P.DELIVERABLE_SUBMIT: _to(Role.FIRM_HANDLER, Role.LEAD_EVALUATOR, relation="is_firm"),
    P.DRAW_END: _to(Role.ORGANISER, Role.BUYER, Role.APPROVER),
    P.DRAW_MINUTES: _to(Role.ORGANISER, Role.BUYER, Role.CHECKER, Role.APPROVER, Role.OPENER),
    P.DRAW_READ: _to(*_ALL_STAFF),
    P.DRAW_SEED: _to(Role.CHECKER, Role.APPROVER, Role.OPENER, Role.COMPLAINT_OFFICER, Role.INSPECTOR),
    P.DOCUMENT_READ: _to(*_ALL_STAFF, *_ALL_OUTSIDE),
    P.EXPERT_IMPORT: _to(Role.HANDLER, Role.ORGANISER),
    P.EXPERT_READ: _to(*_ALL_STAFF),
    P.EXPERT_SHARE: _to(Role.APPROVER),
    P.EXPLANATION_ANSWER: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_asked"),
    P.EXPLANATION_READ: _to(*_FIRM, relation="is_asked"),
    P.FILE_READ: _to(*_ALL_STAFF, *_ALL_OUTSIDE),
    P.FIRM_IMPORT: _to(Role.HANDLER, Role.BUYER),
    P.FIRM_READ: _to(*_ALL_STAFF),
    P.HOME_READ: _to(*(role for role in Role if role is not Role.OPERATOR)),
    P.INVITATION_READ: _to(*_FIRM, relation="is_invited"),
    P.MATERIAL_ASK: _to(Role.FIRM_HANDLER, Role.LEAD_EVALUATOR, relation="is_firm"),
    P.MATERIAL_GIVE_BACK: _to(Role.FIRM_HANDLER, Role.LEAD_EVALUATOR, relation="is_firm"),
    P.MATERIAL_HAND_OVER: _to(Role.UNIT_HANDLER, relation="is_unit"),
    P.MATERIAL_READ: _to(*_ALL_STAFF)
    + _to(*_FIRM, relation="is_firm")
    + _to(Role.UNIT_HANDLER, Role.UNIT_HEAD, relation="is_unit"),
    P.MATERIAL_RECEIVE: _to(Role.UNIT_HANDLER, relation="is_unit"),
    P.MATERIAL_WITHDRAW: _to(Role.FIRM_HANDLER, Role.LEAD_EVALUATOR, relation="is_firm"),
    P.NUMBER_OPEN: _to(Role.SYSTEM_ADMIN),
    P.NUMBER_READ: _to(*_ALL_STAFF),
    P.NUMBER_TAKE: _to(Role.HANDLER, Role.CHECKER),
    P.PANEL_ASK: _to(*_PANEL, relation="is_chair"),
    P.PANEL_CONCLUDE: _to(*_PANEL, relation="is_chair"),
    P.PANEL_DECLARE: _to(*_PANEL, relation="is_member"),
    P.PANEL_DRAW: _to(*_PANEL, relation="is_chair"),
    P.PANEL_EXAMINE: _to(*_PANEL, relation="is_chair"),
    P.PANEL_JUDGE: _to(*_PANEL, relation="is_chair"),
    P.PANEL_OPEN: _to(Role.OPENER),
    P.PANEL_READ: _to(*_ALL_STAFF),
    P.PANEL_RECUSE: _to(*_PANEL, relation="is_member"),
    P.PANEL_REOPEN: _to(*_PANEL, relation="is_chair"),
    P.PANEL_REPLACE: _to(Role.BUYER),
    P.PANEL_SIGN: _to(*_PANEL, relation="is_member"),
    P.PANEL_TERMINATE: _to(Role.BUYER),
    P.PAYMENT_CHECK: _to(Role.CHECKER),
    P.PAYMENT_PAY: _to(Role.PAYER),
    P.PAYMENT_READ: (*_to(*_ALL_STAFF), *_to(*_FIRM, relation="is_firm")),
    P.PAYMENT_REQUEST: _to(Role.HANDLER, relation="in_section"),
    P.PAYMENT_RETURN: _to(Role.CHECKER, Role.PAYER),
    P.RECOVERY_ACKNOWLEDGE: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_firm"),
    P.RECOVERY_READ: (*_to(*_ALL_STAFF), *_to(*_FIRM, relation="is_firm")),
    P.RECOVERY_RECEIVE: _to(Role.PAYER),
    P.SETTLEMENT_ADJUST: _to(Role.HANDLER, relation="in_section"),
    P.SETTLEMENT_CONFIRM: _to(Role.APPROVER),
    P.SETTLEMENT_READ: (*_to(*_ALL_STAFF), *_to(*_FIRM, relation="is_firm")),
    P.PERSONAL_REVEAL: _to(Role.HANDLER, Role.ORGANISER, Role.PAYER),
    P.RANKING_ACKNOWLEDGE: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_ranked"),
    P.RANKING_CORRECT: _to(Role.APPROVER),
    P.RANKING_DRAFT: _to(Role.HANDLER),
    P.RANKING_EXPORT: _to(Role.HANDLER, Role.APPROVER),
    P.RANKING_FINALISE: _to(Role.APPROVER),
    P.RANKING_OBJECTION_ANSWER: _to(Role.HANDLER, Role.APPROVER),
    P.RANKING_OBJECTION_DRAFT: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_ranked"),
    P.RANKING_PUBLISH: _to(Role.APPROVER),
    P.RANKING_SUMMARISE: _to(*_ALL_STAFF),
    P.RANKING_READ: _to(*_ALL_STAFF) + _to(*_FIRM, relation="is_ranked"),
    P.ROLE_READ: _to(*_ALL_STAFF),
    P.ROUND_CONCUR: _to(Role.FIRM_SIGNATORY, relation="is_firm"),
    P.ROUND_DISMISS: _to(Role.APPROVER),
    P.ROUND_DRAW: _to(Role.ORGANISER),
    P.ROUND_MATCH: _to(Role.ORGANISER),
    P.ROUND_NOTIFY: _to(Role.ORGANISER),
    P.ROUND_OBJECT: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_firm"),
    P.ROUND_READ: _to(*_ALL_STAFF) + _to(*_FIRM, relation="is_firm"),
    P.ROUND_REOPEN: _to(Role.APPROVER),
    P.ROUND_SAMPLE: _to(Role.ORGANISER),
    P.ROUND_SCORE: _to(Role.ORGANISER),
    P.ROUND_SUPPLEMENT: _to(Role.ORGANISER),
    P.ROUND_UPHOLD: _to(Role.APPROVER),
    P.ROUND_VETO: _to(Role.APPROVER),
    P.RULESET_DRAFT: _to(Role.HANDLER, Role.CHECKER),
    P.RULESET_PUBLISH: _to(Role.APPROVER),
    P.RULESET_READ: _to(*_ALL_STAFF),
    P.SECTION_EDIT: _to(Role.SYSTEM_ADMIN),
    P.SECTION_READ: _to(*_ALL_STAFF),
    P.SEAT_ACCEPT: _to(Role.EXPERT, relation="is_expert"),
    P.SEAT_DECLINE: _to(Role.EXPERT, relation="is_expert"),
    P.SEAT_EXTEND: _to(Role.ORGANISER),
    P.SEAT_READ: _to(Role.EXPERT, relation="is_expert"),
    P.SEAT_RECUSE: _to(Role.ORGANISER),
    P.SHEET_HAND_IN: _to(Role.EXPERT, relation="is_expert"),
    P.SHEET_READ: _to(*_ALL_STAFF) + _to(Role.EXPERT, relation="is_expert"),
    P.SHEET_SAVE: _to(Role.EXPERT, relation="is_expert"),
    P.SUBJECT_IMPORT: _to(Role.HANDLER),
    P.SUBJECT_READ: _to(*_ALL_STAFF),
    P.SUPERVISION_ENTER: _to(Role.SUPERVISOR),
    P.SUPERVISION_LEAVE: _to(Role.SUPERVISOR),
    P.SUPERVISION_READ: _to(Role.SUPERVISOR),
    P.TEMPLATE_READ: _to(*_ALL_STAFF),
    P.TENANT_OPEN: _to(Role.OPERATOR),
    P.TENANT_READ: _to(Role.OPERATOR),
    P.TENDER_ACKNOWLEDGE: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_invited"),
    P.TENDER_AMEND: _to(Role.BUYER),
    P.TENDER_ANSWER: _to(Role.BUYER),
    P.TENDER_APPROVE: _to(Role.APPROVER),
    P.TENDER_ASK: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_invited"),
    P.TENDER_CANCEL: _to(Role.APPROVER),
    P.TENDER_DISCARD: _to(Role.BUYER),
    P.TENDER_DRAFT: _to(Role.BUYER),
    P.TENDER_ISSUE: _to(Role.BUYER),
    P.TENDER_MATCH: _to(Role.BUYER),
    P.TENDER_READ: _to(*_ALL_STAFF),
    P.TENDER_RESPOND: _to(Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, relation="is_invited"),
    P.TENDER_RESUME: _to(Role.BUYER, Role.COMPLAINT_OFFICER),
    P.TENDER_RETURN: _to(Role.APPROVER),
    P.TENDER_SUBMIT: _to(Role.BUYER),
    P.TENDER_SUSPEND: _to(Role.BUYER, Role.COMPLAINT_OFFICER),
    P.TENDER_TERMINATE: _to(Role.BUYER),
    P.UNIT_IMPORT: _to(Role.HANDLER),
    P.UNIT_READ: _to(*_ALL_STAFF),
    P.VISIT_READ: _to(*_ALL_STAFF) + _to(*_FIRM, relation="is_firm"),
    P.VISIT_RECORD: _to(Role.FIRM_HANDLER, Role.LEAD_EVALUATOR, relation="is_firm"),
    P.VISIT_STRIKE: _to(Role.FIRM_HANDLER, Role.LEAD_EVALUATOR, relation="is_firm"),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting in one post."""

    account_id: UUID
    name: str
    post_id: UUID
    role: Role
    tenant_id: UUID | None = None
    section_id: UUID | None = None
    party_id: UUID | None = None
    place: str = ""
    supervising: bool = False
    held: frozenset[Role] = frozenset()
    elsewhere: frozenset[Role] = frozenset()

    @property
    def label(self) -> str:
        """Role and place, as the page's head shows them."""
        return f"{ROLE_LABELS[self.role]} · {self.place}" if self.place else ROLE_LABELS[self.role]


def holds(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role has the permission at all; some row might still be out of reach."""
    if actor.supervising and not permission.value.endswith(":read"):
        return False
    return any(grant.role == actor.role for grant in GRANTS[permission])


def may(actor: Actor, permission: Permission, row: object = None) -> bool:
    """Whether the actor may use the permission on this row."""
    if not holds(actor, permission):
        return False
    return any(
        grant.relation is None or row is None or getattr(row, grant.relation)(actor)
        for grant in GRANTS[permission]
        if grant.role == actor.role
    )


def clashes(held: frozenset[Role], new: Role, *, elsewhere: frozenset[Role] = frozenset()) -> tuple[str, ...]:
    """Why one person must not hold ``new`` beside what they hold here and ``elsewhere``; empty: they may.

    Most pairs must not meet in one bureau; those in `EVERYWHERE` must not meet at all.
    """
    return tuple(
        dict.fromkeys(
            reason
            for pair, reason in INCOMPATIBLE.items()
            if new in pair and (pair - {new} <= held or (pair in EVERYWHERE and pair - {new} <= elsewhere))
        )
    )

"""评审专家: what the list of an expert library must hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.kernel.ruling import Refusal
from portal.spreadsheet.rules import Column, Finding, Line, Schema, cells


class ExpertClass(StrEnum):
    """专家类别; what users read is in `CLASS_LABELS`."""

    PERFORMANCE = "performance"
    INDUSTRY = "industry"


class Sex(StrEnum):
    """性别; what users read is in `SEX_LABELS`."""

    FEMALE = "female"
    MALE = "male"


class Domain(StrEnum):
    """行业领域, the 18 domains of the indicator library; what users read is in `DOMAIN_LABELS`."""

    AUDIT = "audit"
    FINANCE = "finance"
    HOUSING = "housing"
    COMMUNITY = "community"
    SOCIAL_SECURITY = "social_security"
    GENERAL_SERVICES = "general_services"
    NATURAL_RESOURCES = "natural_resources"
    PUBLIC_SECURITY = "public_security"
    DISASTER = "disaster"
    CULTURE = "culture"
    HEALTH = "health"
    TRANSPORT = "transport"
    ENVIRONMENT = "environment"
    EDUCATION = "education"
    SCIENCE = "science"
    COMMERCE = "commerce"
    AGRICULTURE = "agriculture"
    INFORMATION = "information"


CLASS_LABELS: Final[dict[ExpertClass, str]] = {
    ExpertClass.PERFORMANCE: "绩效领域",
    ExpertClass.INDUSTRY: "行业领域",
}
SEX_LABELS: Final[dict[Sex, str]] = {Sex.FEMALE: "女", Sex.MALE: "男"}
DOMAIN_LABELS: Final[dict[Domain, str]] = {
    Domain.GENERAL_SERVICES: "一般公共服务",
    Domain.PUBLIC_SECURITY: "公共安全",
    Domain.EDUCATION: "教育",
    Domain.SCIENCE: "科学技术",
    Domain.CULTURE: "文化旅游体育与传媒",
    Domain.SOCIAL_SECURITY: "社会保障和就业",
    Domain.HEALTH: "卫生健康",
    Domain.ENVIRONMENT: "节能环保",
    Domain.COMMUNITY: "城乡社区",
    Domain.AGRICULTURE: "农林水",
    Domain.TRANSPORT: "交通运输",
    Domain.NATURAL_RESOURCES: "自然资源",
    Domain.HOUSING: "住房保障",
    Domain.DISASTER: "灾害防治",
    Domain.COMMERCE: "商贸",
    Domain.FINANCE: "金融",
    Domain.INFORMATION: "信息化",
    Domain.AUDIT: "审计会计",
}
_CLASSES: Final[Mapping[str, object]] = {label: each for each, label in CLASS_LABELS.items()} | {
    "绩效领域专家": ExpertClass.PERFORMANCE,
    "绩效专家": ExpertClass.PERFORMANCE,
    "行业领域专家": ExpertClass.INDUSTRY,
    "行业专家": ExpertClass.INDUSTRY,
}


@dataclass(frozen=True, slots=True)
class ExpertRow:
    """评审专家 as a list gives them; ``work_years`` are whole years."""

    identity_number: str
    name: str
    sex: Sex
    classes: frozenset[ExpertClass]
    domains: frozenset[Domain]
    employer: str
    title: str
    work_years: int
    mobile: str
    email: str
    is_civil_servant: bool
    bank_account: str = ""


def _domain_of_the_industry(lines: Sequence[Line]) -> Iterator[Finding]:
    """An expert of an industry names at least one domain."""
    for line in lines:
        classes, domains = line.values.get("classes"), line.values.get("domains")
        if isinstance(classes, frozenset) and ExpertClass.INDUSTRY in classes and domains == frozenset():
            yield Finding(line.number, "domains", Refusal("expert.no_domain"))


EXPERTS: Final[Schema[ExpertRow]] = Schema(
    title="预算绩效管理专家库名单",
    columns=(
        Column("姓名", "name", cells.words(50), required=True, synonyms=("专家姓名",)),
        Column(
            "身份证号",
            "identity_number",
            cells.identity_number,
            required=True,
            unique=True,
            synonyms=("身份证号码", "居民身份证号", "公民身份号码"),
        ),
        Column("性别", "sex", cells.choice({label: sex for sex, label in SEX_LABELS.items()}), required=True),
        Column("专家类别", "classes", cells.choices(_CLASSES), required=True, synonyms=("类别",)),
        Column(
            "行业领域",
            "domains",
            cells.choices({label: domain for domain, label in DOMAIN_LABELS.items()}),
            synonyms=("领域", "专业领域", "所属行业领域"),
            blank=frozenset(),
        ),
        Column("工作单位", "employer", cells.words(), required=True, synonyms=("单位", "所在单位")),
        Column(
            "职称/职务",
            "title",
            cells.words(100),
            required=True,
            synonyms=("职称", "职务", "职称职务", "职称（职务）"),
        ),
        Column("从业年限", "work_years", cells.whole(0, 70, "年"), required=True, synonyms=("工作年限",)),
        Column(
            "手机",
            "mobile",
            cells.mobile,
            required=True,
            synonyms=("手机号", "手机号码", "联系电话", "移动电话"),
        ),
        Column("电子邮箱", "email", cells.email, synonyms=("邮箱", "电子邮件"), blank=""),
        Column("是否公务员", "is_civil_servant", cells.yes_no, required=True, synonyms=("公务员",)),
        Column(
            "银行账号",
            "bank_account",
            cells.bank_account,
            unique=True,
            synonyms=("银行卡号", "收款账号", "银行账户"),
            blank="",
        ),
    ),
    record=ExpertRow,
    checks=(_domain_of_the_industry,),
)

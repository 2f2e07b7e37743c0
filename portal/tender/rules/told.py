"""What a purchase tells firms in words, as pages and papers print it: its quality terms, what is checked."""

from collections.abc import Mapping
from typing import Final

from portal.kernel.exact import plain_decimal

WITHIN_CEILING: Final = "报价不超过最高限价"
DECLARED_INDEPENDENT: Final = "作出独立性声明"
CHECKED_BY_SYSTEM: Final = (WITHIN_CEILING, DECLARED_INDEPENDENT)
CHECKED_TOLD: Final = f"另由系统核对：{'；'.join(CHECKED_BY_SYSTEM)}。不符合的，响应同样无效。"


def terms_told(terms: Mapping[str, object]) -> list[tuple[str, str]]:
    """Label and value of each term. ``terms`` is the row of terms as it was taken over, in plain values."""

    def share(key: str) -> str:
        shown = format((plain_decimal(str(terms[key])) * 100).normalize(), "f")
        return f"{shown}%"

    cutoff = terms.get("cutoff")
    return [
        ("质量得分", f"实施方案 {share('weight_plan')} + 评价报告 {share('weight_report')}"),
        ("分数线", f"{cutoff} 分，等于分数线全额支付" if cutoff is not None else "按分档支付"),
        ("低于分数线扣费", share("deduct_ratio")),
        ("评分专家", f"{terms['experts']} 人，有效评分表不少于 {terms['min_valid_sheets']} 份"),
        ("抽评", f"{terms['sample_size']} 个对象" if terms.get("sample_size") else "全部对象"),
        ("考评得分", f"被评价单位 {share('weight_unit')} + 财政部门 {share('weight_finance')}"),
        ("评分期限", f"{terms['scoring_workdays']} 个工作日"),
        ("异议期限", f"收到得分通知后 {terms['objection_workdays']} 个工作日内，一次"),
    ]

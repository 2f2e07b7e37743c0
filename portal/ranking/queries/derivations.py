"""How a firm's score of the year came about."""

from decimal import Decimal

from portal.kernel.derivation import Derivation
from portal.ranking.models import Ranking, RankingRow
from portal.ranking.queries.collecting import rules_pinned


def derivation(row: Ranking, line: RankingRow, *, json_url: str) -> Derivation:
    """How a firm's score of the year came about."""
    rules = rules_pinned(row)
    weights = f"{rules.weight_appraisal * 100:.0f}%", f"{rules.weight_quality * 100:.0f}%"
    mean = "简单平均" if rules.mean.value == "simple" else "按合同金额加权平均"
    unknown = "未抽评，只计考评得分"
    return Derivation(
        name=line.firm_name,
        result=f"{line.score:.2f} 分，{line.grade} 等，第 {line.rank} 名"
        if line.score is not None
        else f"数据不足：{line.engagements} 次合作，不足 {rules.min_engagements} 次",
        formula=f"合作得分 = 考评得分 × {weights[0]} + 质量得分 × {weights[1]}，"
        f"年度得分 = 各次合作得分的{mean}",
        inputs=[
            each
            for work in line.works
            for each in (
                (f"{work['name']} 考评得分", _points(work["appraisal"]), "双方考评"),
                (
                    f"{work['name']} 质量得分",
                    _points(work["quality"]) if work["quality"] is not None else unknown,
                    "专家会审",
                ),
                (f"{work['name']} 合同金额", f"{Decimal(work['fee']):,.2f} 元", "合同"),
                (f"{work['name']} 按时交付", "是" if work["on_time"] else "否", "成果登记"),
                *([(f"{work['name']} 一票否决", "有", "审批人核实确认")] if work["vetoed"] else []),
            )
        ],
        values={
            "year": row.year,
            "edition": row.edition,
            "rules": row.rules,
            "engagements": line.works,
            "vetoed": line.vetoed,
            "rank": line.rank,
            "grade": line.grade,
            "score": line.score,
        },
        steps=[f"{work['name']}：{_points(work['score'])}" for work in line.works],
        rule_set=row.rule_label,
        by=row.drafter,
        at=row.collected_at,
        json_url=json_url,
    )


def _points(kept: str) -> str:
    return f"{Decimal(kept):.2f} 分"


def counts_quality_twice(row: Ranking) -> bool:
    """Whether quality weighs beside the appraisal, which holds some of it already (折算项)."""
    return rules_pinned(row).weight_quality > 0

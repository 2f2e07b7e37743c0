"""What must hold of bids: nothing sealed was changed, nothing opened differs from what was committed to."""

from collections.abc import Iterator

from portal.bid import queries
from portal.bid.lifecycle import STANDING, BidState
from portal.bid.rules import Fault, broken_parts, parts_of
from portal.kernel.hashing import sm3


def invariants() -> Iterator[str]:
    """Every bid whose envelope, files, content or place in the frozen list is not as it was."""
    lists = queries.lists()
    standing = {state.value for state in STANDING}
    for row in queries.everything():
        if sm3(row.envelope).hex() != row.envelope_digest:
            yield f"响应文件 {row.number} 的密封内容被改动"
        if any(queries.vault().size(each) is None for each in row.sealed_files):
            yield f"响应文件 {row.number} 的密封附件缺失"
        if row.content is not None and broken_parts(parts_of(row.content), row.nonces or {}, row.commitments):
            yield f"响应文件 {row.number} 的内容与承诺值不一致"
        listed = {each.number: each.commitments for each in lists.get(row.tender_id, ())}
        if listed and row.state in standing and listed.get(row.number) != row.commitments:
            yield f"响应文件 {row.number} 与截止时冻结的承诺值清单不一致"
        if row.state == BidState.OPENED.value and row.fault == Fault.COMMITMENT.value:
            yield f"响应文件 {row.number} 开启时与承诺值不一致"

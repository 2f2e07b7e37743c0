"""重新计算一次抽取，不需要本平台：python3 recompute.py draw.json

只用 Python 标准库。draw.json 从公开页面下载。本机的 OpenSSL 不带 SM3 时，用下面的 pure_sm3 计算。
"""

import hashlib
import json
import sys
from typing import Any


def pure_sm3(data: bytes) -> str:
    """SM3（GB/T 32905），照标准逐步计算。"""

    def turn(word: int, by: int) -> int:
        by %= 32
        return ((word << by) | (word >> (32 - by))) & 0xFFFFFFFF

    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + b"\x00" * ((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[start + i : start + i + 4], "big") for i in range(0, 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ turn(w[j - 3], 15)
            w.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = turn((turn(a, 12) + e + turn(t, j)) & 0xFFFFFFFF, 7)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
            tt1 = (ff + d + (ss1 ^ turn(a, 12)) + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
            tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
            a, b, c, d = tt1, a, turn(b, 9), c
            e, f, g, h = tt2 ^ turn(tt2, 9) ^ turn(tt2, 17), e, turn(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return "".join(f"{word:08x}" for word in state)


def sm3(text: str) -> str:
    """UTF-8 文字的 SM3 摘要，十六进制。"""
    data = text.encode()
    return hashlib.new("sm3", data).hexdigest() if "sm3" in hashlib.algorithms_available else pure_sm3(data)


def check(draw: dict[str, Any]) -> list[str]:
    """逐步核对，每步一句。有一步不符即报错。"""
    leaves = draw["candidates"]
    digest = sm3("|".join([*leaves, draw["excluded_digest"]]))
    said = [f"清单摘要{'相符' if digest == draw['list_digest'] else '不符！'}：{digest}"]
    for each in draw["names"] or []:
        made = sm3(f"{each['salt']}|{each['number']}|{each['name']}")
        if made != leaves[each["number"] - 1]:
            said.append(f"姓名摘要不符！{each['number']} 号 {each['name']}")
    if draw["secret"] is None:
        return [*said, "抽取尚未结束，密值未公布，其余步骤结束后再算。"]
    quotas = "；".join(
        f"{each['kind']} {each['take']} 个：编号 {'、'.join(map(str, each['numbers']))}"
        for each in draw["quotas"]
    )
    committed = [draw["secret"], draw["list_digest"], draw["number"], *([quotas] if quotas else [])]
    made = sm3("|".join(committed))
    said.append(f"承诺值{'相符' if made == draw['commitment'] else '不符！'}：{made}")
    if draw["typed"] is None:
        return [*said, "没有输入抽取数，未产生顺序。"]
    seed = sm3(f"{draw['secret']}|{draw['typed']}|{draw['list_digest']}")
    order = sorted(range(1, len(leaves) + 1), key=lambda place: sm3(f"{seed}|{place}"))
    said.append(f"种子：{seed}")
    said.append(f"顺序{'相符' if order == draw['order'] else '不符！'}：{'、'.join(map(str, order))}")
    taken = [
        place
        for each in draw["quotas"]
        for place in [one for one in order if one in each["numbers"]][: each["take"]]
    ]
    if taken:
        same = sorted(taken) == sorted(draw["taken"] or [])
        said.append(f"各类名额已计入承诺值：{quotas}")
        said.append(f"抽中的编号{'相符' if same else '不符！'}：{'、'.join(map(str, taken))}")
    return said


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 -- for readers of little Python
        lines = check(json.load(file))
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(any("不符" in line for line in lines))

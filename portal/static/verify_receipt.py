"""核对响应文件回执，不需要本平台：python3 verify_receipt.py receipt.json [commitments.json]

只用 Python 标准库，可以在不联网的电脑上运行。receipt.json 是提交时下载的回执；commitments.json 是截止之后
从“响应文件”页下载的承诺值清单。承诺值 = SM3（随机数 ‖ 内容的规范写法）。
全部一致时退出码为 0，不一致为 1，文件打不开为 2。
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Iterator, Tuple

USAGE = (
    "用法：python3 verify_receipt.py 回执文件.json [承诺值清单.json]\n"
    "请把脚本和下载的文件放在同一个文件夹，文件名照实填写。\n"
)
NAMES = {"price": "报价", "plan": "实施方案要点", "team": "人员与现场安排", "files": "附件"}


def pure_sm3(data: bytes) -> str:
    """SM3（GB/T 32905），照标准逐步计算；本机的 OpenSSL 不带 SM3 时用它。"""

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
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]
    return "".join(f"{word:08x}" for word in state)


def sm3(data: bytes) -> str:
    """SM3 摘要，十六进制。"""
    try:
        return hashlib.new("sm3", data).hexdigest()
    except ValueError:
        return pure_sm3(data)


def read(path: str) -> Any:
    """读取一个 JSON 文件。"""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def check_parts(receipt: Any) -> Iterator[Tuple[str, bool]]:
    """逐项重新计算承诺值；没有内容和随机数的，不能核对。"""
    for part, promised in sorted(receipt["commitments"].items()):
        name = NAMES.get(part, part)
        if "content" not in receipt:
            yield f"{name}：回执中没有内容和随机数，不能核对", False
            continue
        content = receipt["content"][part]
        spelled = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        same = sm3(bytes.fromhex(receipt["nonces"][part]) + spelled.encode()) == promised
        yield f"{name}：{'与承诺值一致' if same else '与承诺值不一致！'}", same


def check_list(receipt: Any, frozen: Any) -> Tuple[str, bool]:
    """看清单里有没有这一份，是否完全相同。"""
    listed = {each["number"]: each for each in frozen["bids"]}
    own = listed.get(receipt["number"], {})
    same = all(own.get(key) == receipt[key] for key in ("commitments", "envelope_sm3"))
    return f"承诺值清单：{'有这一份，且完全相同' if same else '没有这一份，或者不相同！'}", same


def main(receipt_path: str = "", list_path: str = "") -> int:
    """逐项核对，说出结果；全部一致为 0。"""
    try:
        receipt = read(receipt_path)
        frozen = read(list_path) if list_path else None
    except (OSError, ValueError):
        sys.stderr.write(USAGE)
        return 2
    lines = list(check_parts(receipt))
    if frozen is not None:
        lines.append(check_list(receipt, frozen))
    sys.stdout.write(
        f"{receipt['tender']}，回执代号 {receipt['number']}，收到时间 {receipt['submitted_at']}\n"
    )
    for line, _ in lines:
        sys.stdout.write(f"  {line}\n")
    return 0 if all(same for _, same in lines) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))

"""Every sentence a user reads as a refusal or a notice. Codes are `slice.snake`; {placeholders} are facts."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from portal.kernel.clock import SHANGHAI
from portal.kernel.ruling import Refusal
from tenants.ruleset import KEYS

REFUSALS: dict[str, str] = {
    "portal.not_permitted": "您当前的岗位没有办理这项工作的权限。如需办理，请切换岗位，或联系本单位安全管理员授权。",
    "portal.not_found": "没有找到这个页面或这份材料。它可能已被撤下，也可能不属于您所在的单位。",
    "portal.stale": "您打开页面之后，别人已经先保存了修改，或者您已切换了岗位。您填写的内容没有丢失，请核对后再提交。",
    "portal.misconfigured": "还缺{key}，不能办理。规则集由本局起草发布，工作日历和评分表模板由平台运维补齐。",
    "portal.unavailable": "所依赖的外部服务暂时没有应答，请稍后再试。",
    "portal.expired_form": "页面停留太久，安全校验已过期。您填写的内容没有丢失，请核对后再次提交。",
    "machine.out_of_turn": "当前状态下不能办理这一步，可能别人已经先办了。请刷新页面查看最新状态。",
    "office.calendar_day": "日期应写成 2027-01-01 的样子，且日历上要有这一天。",
    "office.calendar_empty": "文件里没有任何日期。",
    "office.calendar_header": "第一行应为表头：{columns}。",
    "office.calendar_holiday": "没有写明 {day} 放假。全年安排应包含元旦、劳动节、国庆节等法定节日，请核对文件是否完整。",
    "office.calendar_repeated": "与第 {first} 行是同一天。",
    "office.calendar_source": "请写明依据，例如通知的文号。",
    "office.calendar_word": "请写“上班”或“休息”。",
    "office.code_closed": "代字“{stem}”已停用，不能再取新号。",
    "office.code_taken": "代字“{stem}”已在使用。",
    "office.code_unknown": "没有启用代字“{stem}”。请先由系统管理员启用。",
    "office.grantee_below": "{name}是本局的下级，已可使用本局专家库，不需另行授权。",
    "office.grantee_has_it": "已授权{name}使用，尚未终止。",
    "office.grantee_unknown": "请选择另一个已开设的财政局。",
    "office.no_calendar_file": "请选择要导入的文件。",
    "office.number_ahead": "{year}年还没有到，不能补登。",
    "office.number_shape": "请写完整文号，例如：师财绩〔2023〕10号。",
    "office.number_taken": "这个文号已经登记。确属重号的，请写明理由。",
    "office.number_year": "只能取今年或者上一年的号；{year}年的旧文号请用“补登”。",
    "office.one_person_one_post": "系统、安全、审计管理员由三个不同的人担任。",
    "office.own_rules": "规则集由起草人以外的人批准发布。",
    "office.region_above": "上级区划 {region} 尚未登记，请先登记。",
    "office.region_code": "区划代码为六位数字（GB/T 2260），首位不为 0。",
    "office.region_known": "这个代码已登记为“{name}”。",
    "office.region_unknown": "没有区划代码 {region}。请先登记这个行政区划。",
    "office.rules_faulty": "下列参数不符合国家规定的范围，或者互相矛盾，请先改正：{keys}。",
    "office.rules_retroactive": "施行日期不能早于发布当天（{today}），规则不溯及既往。请修改草案的施行日期。",
    "office.section_closed": "这个科室（股室）已撤销，不再变动。",
    "office.section_has_codes": "下列代字仍归这个科室（股室）使用，请先停用或改归其他科室（股室）：{codes}。",
    "office.section_has_posts": "下列人员的岗位仍在这个科室（股室），请先调整岗位：{holders}。",
    "office.section_taken": "已有名称为“{name}”的科室（股室）。",
    "office.share_ended": "这项授权已于 {ended_at} 终止。",
    "office.source_missing": "没有国家统一标准的参数，须写明依据的文件或会议纪要。",
    "office.tenant_open": "这个地区已经开设：{name}。",
    "office.unset_cutoff": "没有填写质量分数线（也没有设分档支付）：每次委托都须另行填写分数线，否则不能送审；也不能据此计算质量扣费。",
    "office.unset_threshold_open": "没有填写公开招标数额标准：不能判断是否应当公开招标，不能核对是否化整为零，需要这一标准的步骤将不予办理。",
    "office.unset_threshold_procure": "没有填写采购限额标准：不能判断适用政府采购程序还是内控程序，需要这一标准的步骤将不予办理。",
    "office.username": "用户名以小写字母开头，由 3 至 32 位小写字母、数字、点、短横线、下划线组成。",
    "spreadsheet.amount_below_fen": "金额换算成元后不足一分，无法精确入账。请按两位小数（分）填写。",
    "spreadsheet.amount_negative": "金额不能为负数。",
    "spreadsheet.amount_too_large": "金额过大，请检查数字和金额单位。",
    "spreadsheet.corrupt": "文件已损坏，无法打开。请用表格软件打开并重新另存为 .xlsx 后再导入。",
    "spreadsheet.credit_code_characters": "统一社会信用代码含有不允许的字符（不使用字母 I、O、S、V、Z）。",
    "spreadsheet.credit_code_check_digit": "统一社会信用代码的校验位不符，请逐位核对。",
    "spreadsheet.credit_code_length": "统一社会信用代码应为 18 位，这里有 {length} 位。",
    "spreadsheet.digits_lost": "长数字被存成了数值，末尾几位已丢失。请把单元格设为“文本”后重新录入。",
    "spreadsheet.empty_file": "文件是空的。",
    "spreadsheet.encrypted": "工作簿设有打开密码。请取消密码后再导入。",
    "spreadsheet.formula_error": "单元格里的公式出错（{error}）。请改正公式或直接填写数值。",
    "spreadsheet.formula_without_value": "公式没有计算结果。请在表格软件中打开并保存一次，或直接填写数值。",
    "spreadsheet.header_missing": "缺少这一列。",
    "spreadsheet.header_repeated": "这一列与 {letter} 列重复，不知道以哪一列为准。",
    "spreadsheet.identity_number_characters": "身份证号含有不允许的字符。",
    "spreadsheet.identity_number_check_digit": "身份证号的校验位不符，请逐位核对。",
    "spreadsheet.identity_number_component": "身份证号中的地区码或出生日期不存在。",
    "spreadsheet.identity_number_length": "身份证号应为 18 位，这里有 {length} 位。",
    "spreadsheet.macros": "工作簿含有宏。请另存为不含宏的 .xlsx 后再导入。",
    "spreadsheet.merged": "单元格与下方第 {last} 行之前的单元格合并了。请取消合并，逐行填写。",
    "spreadsheet.missing": "必填，这里是空的。",
    "spreadsheet.no_content": "工作簿里没有内容。",
    "spreadsheet.no_header": "没有找到表头行。表头应包含：{expected}。",
    "spreadsheet.no_rows": "表头下面没有数据。",
    "spreadsheet.no_such_day": "日历上没有这一天。",
    "spreadsheet.not_a_code": "编码只能由字母、数字、点和连字符组成，最多 40 位。",
    "spreadsheet.not_a_day": "不是日期。请写成 2026-01-31 的样子。",
    "spreadsheet.not_a_bank_account": "不是银行账号。银行账号为 12 至 30 位数字。",
    "spreadsheet.not_a_mobile": "不是 11 位手机号码。",
    "spreadsheet.not_a_number": "不是数字。请用阿拉伯数字填写。",
    "spreadsheet.not_a_phone": "不是电话号码。请填 11 位手机号码，或带区号的固定电话。",
    "spreadsheet.not_a_workbook": "不是 .xlsx 工作簿。文本、.csv 等文件请在表格软件中另存为 .xlsx 后再导入。",
    "spreadsheet.not_an_email": "不是电子邮箱地址。",
    "spreadsheet.not_listed": "“{part}”不在可选范围内。可选：{options}。",
    "spreadsheet.not_whole": "应为整数。",
    "spreadsheet.not_yes_or_no": "请填“是”或“否”。",
    "spreadsheet.old_format": "这是旧版 .xls 文件。请在表格软件中另存为 .xlsx 后再导入。",
    "spreadsheet.out_of_range": "应在 {low} 至 {high} 之间。",
    "spreadsheet.repeated": "与第 {row} 行重复。",
    "spreadsheet.several_sheets": "有多张工作表都像是要导入的内容：{sheets}。请只保留一张。",
    "spreadsheet.subtotal": "这是小计行。请删去小计，只保留明细和合计。",
    "spreadsheet.too_large": "文件超过 {limit} MB，不予接收。",
    "spreadsheet.too_large_unpacked": "文件展开后过大（超过 {limit} MB），不予接收。",
    "spreadsheet.too_long": "文字过长：最多 {limit} 个字，这里有 {length} 个。",
    "spreadsheet.too_many_cells": "表格范围过大：最多 {rows} 行、{columns} 列。请删去表格以外的零散内容。",
    "spreadsheet.total_differs": "合计与明细之和不符：明细之和为 {sum}。",
    "spreadsheet.unknown_unit": "金额单位“{unit}”无法识别。可用：元、千元、万元、百万元、亿元。",
    "scoresheet.count": "“{item}”：{deduction}的次数应为 0 至 {most} 的整数。",
    "scoresheet.deduction_points": "“{item}”：{deduction}每次扣分应在 {least} 至 {most} 分之间。",
    "scoresheet.fact_missing": "“{item}”：总分低于 {limit} 分的，每个失分项都须写明事实。",
    "scoresheet.not_given": "“{item}”：还没有评分。",
    "scoresheet.points": "“{item}”：得分应在 0 至 {most} 分之间，以 {step} 分为一档。",
    "scoresheet.reason_missing": "“{item}”：得分低于该项分值的 80%，请写明理由。",
    "scoresheet.unreadable": "“{item}”：填写的内容无法识别，请重新填写。",
    "scoresheet.veto_evidence": "一票否决“{veto}”：请写明证据。",
    "scoresheet.veto_unnamed": "查实的扣分事项会启动一票否决，请在“一票否决”中勾选对应情形并写明证据。",
    "commission.assist_needs_own_management": "“仅协助事务性工作”只用于绩效目标设定、运行监控和单位自评；{kind}请取消勾选。",
    "commission.date_past": "提交截止日期应晚于今天（{today}）。",
    "commission.dates_missing": "请填写实施方案、报告初稿、报告终稿三个提交截止日期。",
    "commission.dates_order": "提交截止日期应依次为：实施方案、报告初稿、报告终稿，后一个晚于前一个。",
    "commission.no_ceiling": "请填写大于零的最高限价。",
    "commission.no_cutoff": "尚未填写质量分数线。分数线没有默认值，须由本局确定后写入质量约定。",
    "commission.no_reason": "请写明理由。",
    "commission.no_subject": "请至少选择一个评价对象。",
    "commission.not_draft": "这份委托已经送审或批准，不能直接修改。需要修改的，请由审批人退回，或办理更正。",
    "commission.own_draft": "起草人不能批准自己起草的委托。",
    "commission.own_management": "{kind}属于预算单位自身的绩效管理职责，原则上不得委托第三方机构；确需帮助的，只能协助事务性工作，不得以机构名义出具报告或结论。",
    "commission.self_evaluation": "{commissioner}不能委托评价自己或所属单位的绩效：{subjects}。委托主体应与评价对象相分离。",
    "commission.splitting": "同一预算项目当年采购合计 {total} 元，超过公开招标数额标准 {threshold} 元，不得化整为零。",
    "commission.subject_taken": "下列评价对象本年度已在其他委托中：{subjects}。",
    "commission.unknown_subject": "所选的评价对象不在本局登记中，请重新选择。",
    "contract.changed": "合同内容已经变动，您签的不是现在这一份。请返回合同页面，核对后再签章。",
    "contract.clauses_missing": "下列条款还没有填写：{clauses}。",
    "contract.date_past": "交付期限应晚于今天（{today}）。",
    "contract.dates_order": "交付期限应依次为：实施方案、报告初稿、正式报告，后一个晚于前一个。",
    "contract.extension_reason": "延期须写明理由，不少于 {least} 个字。",
    "contract.fee_differs": "合同价款 {fee} 元与成交价 {awarded} 元不一致，不能签订。",
    "contract.no_lead": "没有主评人。合同应写明响应文件中承诺的主评人。",
    "contract.no_quality": "没有与采购文件同一份的质量条款（权重、分数线、扣费、评分人、异议途径），不能签订。",
    "contract.no_reason": "请写明理由。",
    "contract.no_subject": "合同没有评价对象。",
    "contract.not_appraised": "考评还没有完成。",
    "contract.not_draft": "这份合同已送机构确认或者已经签章，不能直接修改。需要修改的，请先办理“收回修改”。",
    "contract.not_later": "延期后的日期应晚于现在的期限（{old_on}）。",
    "contract.not_settled": "质量得分和款项还没有结算完毕。",
    "contract.other_text": "合同内容与机构签章的不是同一份，机构的签章已经失效。请收回修改，重新送机构确认。",
    "contract.own_offer": "送出合同的人不能代表本局签章，请由其他审批人办理。",
    "contract.payment_late": "付款期限 {days} 日过长，最长不超过 {longest} 日。",
    "identity.wrong": "用户名或密码不对。连续 {limit} 次不对，账号将锁定 {minutes} 分钟。",
    "identity.locked": "密码连续输错次数过多，账号已锁定，{until} 后可再试。忘记密码请联系本单位安全管理员补发一次性口令。",
    "identity.wrong_password": "密码不对，没有签名。请输入您登录时使用的密码。",
    "identity.wrong_old_password": "原密码不对。",
    "identity.same_password": "新密码不能与原密码相同。",
    "identity.password_length": "密码长度应为 {least} 至 {most} 个字符。",
    "identity.password_kinds": "密码应至少包含大写字母、小写字母、数字、符号中的 {least} 种。",
    "identity.password_username": "密码不能包含用户名。",
    "identity.wrong_code": "用户名或一次性口令不对，或者口令已经用过、已经过期。请核对口令条，或联系安全管理员补发。"
    "连续 {limit} 次不对，账号将锁定 {minutes} 分钟。",
    "identity.code_elsewhere": "{name}的账号由其他单位开立，请由该单位的安全管理员补发一次性口令。",
    "identity.last_security_admin": "这是本单位最后一名安全管理员，结束后将无人能够授予岗位。请先向接任者授予该岗位。",
    "identity.no_such_person": "没有用户名为“{username}”且姓名相符的账号。请核对，或者不勾选“已有账号”，另开新账号。",
    "identity.nobody_picked": "没有选中任何人。请先勾选要签发口令的人员。",
    "identity.not_locked": "{name}的账号没有被锁定，不需要解除。",
    "identity.post_ended": "这个岗位已经结束。",
    "identity.post_held": "{holder}已经担任{role}，不需要重复授予。",
    "identity.username_shape": "用户名应为 3 至 32 个小写字母、数字、点或短横线，并以字母或数字开头。",
    "supervision.read_only": "您正在以上级财政部门身份查阅下级资料，只能查看，不能办理。如需办理，请先结束查阅，回到本单位岗位。",
    "identity.username_taken": "用户名“{username}”已被使用，请换一个。",
    "identity.reveal_needs_reason": "查看个人信息须写明理由（不少于四个字），理由将记入审计记录。",
    "unit.name_taken": "登记册中编码 {code} 的单位已用此名称。请核对编码。",
    "unit.unknown_department": "登记册和本表中都没有这个主管部门。",
    "subject.unknown_unit": "登记册中没有这个预算单位。请核对名称，或先导入单位名单。",
    "subject.total_differs": "资金总额与各来源之和不符：总额 {total} 元，各来源合计 {sum} 元。",
    "firm.code_of_another_row": "第 {row} 行以同一信用代码登记的是“{name}”。",
    "firm.not_registered": "没有以此信用代码登记的机构。请核对代码，或先导入机构登记表。",
    "firm.name_differs": "与登记的机构名称不符：此信用代码登记的是“{name}”。",
    "firm.lead_not_qualified": "职称或执业资格未达到主评人的一般要求。",
    "firm.lead_work_years": "从业 {years} 年，少于 {limit} 年。",
    "firm.lead_evaluation_years": "从事绩效评价 {years} 年，少于 {limit} 年。",
    "expert.no_domain": "行业领域专家至少要填一个行业领域。",
    "identity.clash": "这个岗位与该人员已有的岗位不能由同一人担任：{reason}。",
}

NOTICES: dict[str, str] = {
    "clock.travelled": "示例时钟现在是 {reached}。",
    "office.calendar_loaded": "工作日历已更新：{years}年，共改动 {days} 天。",
    "office.code_closed": "代字“{stem}”已停用，已取的文号不受影响。",
    "office.code_opened": "代字“{stem}”已启用。",
    "office.drafted": "草案已保存，等待批准人发布。发布之前，现行规则不变。",
    "office.number_registered": "已补登：{number}。",
    "office.number_taken": "取号成功：{number}。",
    "office.published": "规则集第 {number} 版已发布，{effective_on}起施行。",
    "office.region_registered": "已登记行政区划：{name}。",
    "office.section_closed": "“{name}”已撤销。",
    "office.section_opened": "“{name}”已设立。",
    "office.section_saved": "“{name}”已更新。",
    "office.share_ended": "授权已终止。",
    "office.shared": "已授权{name}使用本局专家库。",
    "spreadsheet.imported": "已导入{title}：新增 {added} 项，更新 {changed} 项。",
    "commission.approve": "已批准“{name}”，质量约定同时冻结。",
    "commission.correct": "“{name}”已转为新一版起草，原批准版本保留存档。",
    "commission.discard": "已作废草稿“{name}”。",
    "commission.drafted": "草稿已保存。核对后请送审。",
    "commission.edited": "修改已保存。",
    "commission.return": "已退回“{name}”，起草股室会看到理由。",
    "commission.submit": "“{name}”已送审，等待审批人批准。",
    "commission.withdraw": "已撤回“{name}”。",
    "contract.cancel": "“{name}”不再签订合同，已通知双方。",
    "contract.complete": "“{name}”合同已办结。",
    "contract.confirm": "已签章。等待财政局签章后，合同生效。",
    "contract.edited": "合同已保存。核对后请送机构确认。",
    "contract.extend": "已同意延期至 {new_on}，原定日期保留存档。",
    "contract.offer": "合同已送{firm}确认。",
    "contract.return": "“{name}”合同已退回财政局修改。",
    "contract.revise": "“{name}”合同已收回修改，机构的签章同时失效。",
    "contract.sign": "合同已生效，编号 {number}，合同公告已发布。",
    "account.end_post": "已结束{name}的“{role}”岗位。",
    "account.grant": "已授予{name}“{role}”岗位。",
    "account.open": "已为{name}开立账号。请签发一次性口令，打印后当面交给本人。",
    "account.unlock": "已解除{name}的锁定。",
    "supervision.enter": "您已进入{county}查阅，只能查看。查阅情况已记入双方审计记录。",
    "supervision.leave": "已结束对{county}的查阅。",
    "identity.signed_out": "您已安全退出。",
    "identity.password_changed": "密码已修改，您在其他设备上的登录已全部退出。",
    "identity.consented": "已记录您对个人信息告知的同意。",
}

VERBS: dict[str, str] = {
    "list.export": "导出表格",
    "calendar.load": "导入工作日历",
    "expert.end_share": "终止专家库授权",
    "expert.share": "授权使用专家库",
    "number.close": "停用代字",
    "number.open": "启用代字",
    "number.take": "登记文号",
    "ruleset.draft": "起草规则集",
    "ruleset.publish": "发布规则集",
    "section.close": "撤销科室（股室）",
    "section.edit": "修改科室（股室）",
    "section.open": "设立科室（股室）",
    "tenant.open": "开设财政局",
    "tenant.register_region": "登记行政区划",
    "expert.import": "导入专家名单",
    "firm.import": "导入机构名单",
    "subject.import": "导入评价对象清单",
    "unit.import": "导入预算单位名单",
    "commission.approve": "批准",
    "commission.correct": "更正",
    "commission.discard": "作废草稿",
    "commission.draft": "起草",
    "commission.edit": "修改草稿",
    "commission.return": "退回修改",
    "commission.submit": "送审",
    "commission.withdraw": "撤回委托",
    "contract.cancel": "不再签订",
    "contract.complete": "办结",
    "contract.confirm": "机构签章",
    "contract.draft": "起草合同",
    "contract.edit": "填写合同",
    "contract.extend": "同意延期",
    "contract.offer": "送机构确认",
    "contract.return": "退回财政局修改",
    "contract.revise": "收回修改",
    "contract.sign": "财政签章",
    "account.change_password": "修改密码",
    "account.codes": "签发一次性口令",
    "account.consent": "同意个人信息告知",
    "account.end_post": "结束岗位",
    "account.grant": "授予岗位",
    "account.open": "开立账号",
    "account.redeem": "凭一次性口令设置密码",
    "account.attest": "签名",
    "clock.travel": "拨动示例时钟",
    "account.sign_in": "登录",
    "account.sign_out": "退出登录",
    "account.unlock": "解除锁定",
    "personal.reveal": "查看个人信息",
    "supervision.enter": "查阅下级单位",
    "supervision.leave": "结束查阅",
}

SLICES: dict[str, str] = {
    "account": "账号与岗位",
    "audit": "审计记录",
    "calendar": "工作日历",
    "commission": "委托",
    "contract": "合同",
    "expert": "评审专家",
    "firm": "第三方机构",
    "home": "首页",
    "number": "文号",
    "personal": "个人信息",
    "role": "岗位权限表",
    "ruleset": "规则集",
    "section": "科室（股室）",
    "subject": "评价对象",
    "supervision": "上级查阅",
    "template": "评分表模板",
    "tenant": "财政局（平台）",
    "unit": "预算单位",
}

EVENT_WORDS: dict[str, str] = {
    "reached": "拨到",
    "filter": "筛选条件",
    "account": "账号",
    "added": "新增",
    "after": "办理后",
    "before": "办理前",
    "changed": "更新",
    "clause": "依据",
    "closed": "停用",
    "code": "代码",
    "codes": "代字",
    "county": "查阅对象",
    "days": "天数",
    "digest": "内容摘要",
    "duplicate_reason": "重号理由",
    "duties": "职责",
    "edition": "版次",
    "effective_on": "生效日期",
    "field": "信息项",
    "file": "文件",
    "grantee": "授权对象",
    "holder": "人员",
    "inherited_from": "所依据的上级规则集",
    "left": "本次名单未列",
    "name": "名称",
    "notice_version": "告知版本",
    "number": "编号",
    "place": "所在",
    "reason": "理由",
    "refusals": "未予办理的原因",
    "register": "登记册",
    "role": "岗位",
    "rule_set": "适用规则集",
    "sources": "来源",
    "state": "状态",
    "title": "标题",
    "took_in": "改由其管理的下级",
    "unchanged": "未变",
    "under": "上级",
    "username": "用户名",
    "version": "版本",
    "year": "年度",
    "years": "年度",
}

STATES: dict[str, str] = {
    "commission.approved": "已批准",
    "commission.discarded": "已作废",
    "commission.draft": "起草中",
    "commission.submitted": "待审批",
    "commission.withdrawn": "已撤回",
    "contract.cancelled": "未签订",
    "contract.completed": "已办结",
    "contract.confirmed": "待财政签章",
    "contract.draft": "起草中",
    "contract.effective": "履行中",
    "contract.offered": "待机构确认",
    "ruleset.draft": "草案",
    "ruleset.published": "已发布",
}

RELATIONS: dict[str, str] = {
    "in_section": "限本股室",
    "is_firm": "限本机构",
}


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y年%m月%d日 %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%Y年%m月%d日")
    if isinstance(value, Decimal):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return "、".join(_shown(item) for item in value)
    return str(value)


def setting_label(key: str) -> str:
    """What a missing setting is called: a value of the rule set, a year of the calendar, a form."""
    kind, _, rest = key.partition(".")
    if kind == "calendar":
        return f"{rest}年的工作日历"
    if kind == "form":
        return f"评分表模板（{rest}）"
    if key in KEYS:
        return f"规则集中的“{KEYS[key].label}”"
    return "已发布的规则集"


def sentence(code: str, facts: Mapping[str, object] | None = None) -> str:
    """The sentence of a refusal's code with its facts filled in. Raises `KeyError` for an unknown code."""
    shown = {key: _shown(value) for key, value in (facts or {}).items()}
    if code == "portal.misconfigured":
        shown["key"] = setting_label(shown["key"])
    return REFUSALS[code].format_map(shown)


def say(refusal: Refusal) -> str:
    """The sentence of one refusal."""
    return sentence(refusal.code, refusal.facts)


def permission_label(permission: str) -> str:
    """What a permission allows, in words. Raises `KeyError` for a verb without a name."""
    group, _, verb = permission.partition(":")
    return "查看" if verb == "read" else VERBS[f"{group}.{verb}"]


def verb_label(verb: str) -> str:
    """What a verb is called on a button and in a timeline. Raises `KeyError` for an unknown verb."""
    return VERBS[verb]


def notice(code: str, facts: Mapping[str, object] | None = None) -> str:
    """The sentence that tells a person what was just done."""
    return NOTICES[code].format_map({key: _shown(value) for key, value in (facts or {}).items()})

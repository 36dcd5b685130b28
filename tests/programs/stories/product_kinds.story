# Rates by kind of product, a discount spread over what is no gift card, and one rounding:
# over the order, or over each line.

program  product_kinds
with     points.rounding.scope = "order" | "line"

2026-01-01   join                                                                                | 0
2026-01-02   order A  $40/skincare $30/fragrance $25/gift_card $15/service  discount=$10.00      | {order: 103 | line: 102}  skincare=70 fragrance=26 service={order: 7 | line: 6}
2026-01-03   refund R  A  3:x1                                                                   | {order: 103 | line: 102}
2026-01-03   refund S  A  1:x1                                                                   | {order: 33 | line: 32}    skincare=REFUNDED

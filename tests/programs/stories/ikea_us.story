# A furniture shop in America: points for purchases, and for things done at home.

program  ikea_us

2025-06-01   join                                                             | 0
2025-06-01   activity P1  profile                                             | 50    profile=50
2025-06-01   activity A1  online_account                                      | 75    online-account=25
2025-06-01   activity P2  profile                                             | 75    profile=LIFETIME_CAP
2025-06-03   activity W1  wish_list                                           | 100   wish-list=25
2025-06-05   activity W2  wish_list                                           | 100   wish-list=WEEKLY_CAP
2025-06-10   activity W3  wish_list                                           | 125
2025-06-12   order 5  $84.99  paid=gift_card:$20.00,card:$64.99               | 189   purchase=64
2025-06-20   redeem 6  -  reward=five-dollars                                 | 14    lots=2026-12-12:14
2025-06-25   order 7  $60.00  paid=points:$5.00,card:$55.00                   | 69    purchase=55
# The code that was used does not come back.
2025-07-01   refund 8  7  all                                                 | 14
2026-12-11   -                                                                | 14
2026-12-12   -                                                                | 0

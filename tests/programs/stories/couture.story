# A fashion shop: a voucher spread evenly over a basket, and a line that comes back.

program  couture

2026-01-01   join                                                                     | 0
2026-01-01   give G  100  reason=welcome                                              | 100
2026-01-02   redeem V1  -  reward=five-pounds basket=£34.99                           | MIN_PURCHASE  balance=100
2026-01-02   redeem V2  -  reward=five-pounds basket=£40.00                           | 0    worth=£5.00
# The shop splits the voucher: 18.33, 13.33 and 3.34 are paid.
2026-01-02   order A  £20.00-£1.67 £15.00-£1.67 £5.00-£1.66  channel=web              | 35   purchase=35
# £13.33 go back; £21.67 are kept. The voucher does not come back.
2026-01-09   refund R  A  2:x1                                                        | 21   purchase=21
# An invitation counts when the friend has joined and bought, in the same country.
2026-02-01   @ie  join  by=@member                                                    | 0    referral=claimed
2026-02-01   @ie  label +country-ie                                                   | 0
2026-02-02   @ie  order I  £30.00  channel=web                                        | 30   referral=claimed
2026-02-02   -                                                                        | 21
2026-02-03   @gb  join  by=@member                                                    | 0
2026-02-03   @gb  label +country-gb                                                   | 0    referral=claimed
2026-02-03   -                                                                        | 21
2026-02-04   @gb  order J  £30.00  channel=web                                        | 30   referral=rewarded
2026-02-04   -                                                                        | 71
2026-02-05   @gb  order K  £30.00  channel=web                                        | 60   referral=rewarded
2026-02-05   -                                                                        | 71

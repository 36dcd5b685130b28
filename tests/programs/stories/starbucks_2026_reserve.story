# Three decimals are kept exactly: 1.7 times 6.45.

program  starbucks_2026

2026-03-10   join                    | 0          tier=green
2026-03-11   order A  $2500.00       | 2500       tier=reserve until=2027-03-11
2026-03-12   order B  $6.45          | 2510.965   visit=10.965
# 10 for thirty dollars, 25 for fifty, and never more.
2026-03-13   activity C  reload  amount=$29.99    | 2510.965   reload=BELOW_STEP
2026-03-13   activity D  reload  amount=$30.00    | 2520.965   reload=10
2026-03-13   activity E  reload  amount=$200.00   | 2545.965   reload=25

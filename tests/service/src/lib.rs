//! What callers see: HTTP over the whole local stack, from outside.

#![cfg(test)]

mod activities;
mod any_sqs;
mod backtest;
mod bad_input;
mod boards;
mod budgets;
mod canaries;
mod dead_letters;
mod door;
mod guests;
mod hot_member;
mod house;
mod life;
mod listener;
mod marking;
mod matrix;
mod members;
mod publishing;
mod real_shop;
mod referrals;
mod relaying;
mod shop;
mod webhooks;

//! Questions that have a plan.

use super::{denver, home, table, vienna};

#[test]
fn totals_and_costs() {
    table(
        &vienna(),
        "
        How much energy did we use yesterday? => Total Energy |  | 2026-07-13 .. 2026-07-14
        how much power did I use today => Total Energy |  | 2026-07-14 .. 2026-07-14 15:30
        total consumption this week => Total Energy |  | 2026-07-13 .. 2026-07-14 15:30
        energy used in June => Total Energy |  | 2026-06-01 .. 2026-07-01
        electricity usage of the whole house last month => Total Energy |  | 2026-06-01 .. 2026-07-01
        kWh in May 2026? => Total Energy |  | 2026-05-01 .. 2026-06-01 | kWh
        how much did the fridge draw last week? => Total Energy | Fridge | 2026-07-06 .. 2026-07-13
        refrigerator usage the day before yesterday => Total Energy | Fridge | 2026-07-12 .. 2026-07-13
        washing machine, last weekend => Total Energy | Washer | 2026-07-11 .. 2026-07-13
        what did the heat pump consume on Sunday => Total Energy | Heat pump | 2026-07-12 .. 2026-07-13
        Mr Warm last month => Total Energy | Heat pump | 2026-06-01 .. 2026-07-01
        oma's freezer yesterday => Total Energy | Oma's freezer | 2026-07-13 .. 2026-07-14
        omas freezer yesterday in watt-hours => Total Energy | Oma's freezer | 2026-07-13 .. 2026-07-14 | Wh
        tv box consumption yesterday => Total Energy | TV box | 2026-07-13 .. 2026-07-14
        TV consumption yesterday => Total Energy | TV | 2026-07-13 .. 2026-07-14
        how much did charging the car use in June => Total Energy | 🚗 Wallbox | 2026-06-01 .. 2026-07-01
        🚗 last week => Total Energy | 🚗 Wallbox | 2026-07-06 .. 2026-07-13
        hw much did teh dishwahser use yesteday => Total Energy | Dishwasher | 2026-07-13 .. 2026-07-14
        frige consumtion last wek => Total Energy | Fridge | 2026-07-06 .. 2026-07-13
        What did we spend on electricity last month? => Total Cost |  | 2026-06-01 .. 2026-07-01
        cost yesterday => Total Cost |  | 2026-07-13 .. 2026-07-14
        how much money did the NAS cost this year => Total Cost | NAS | 2026-01-01 .. 2026-07-14 15:30
        how expensive was the washer last week => Total Cost | Washer | 2026-07-06 .. 2026-07-13
        electricity bill for May in euros => Total Cost |  | 2026-05-01 .. 2026-06-01
        how much am I paying for the wallbox this month => Total Cost | 🚗 Wallbox | 2026-07-01 .. 2026-07-14 15:30
        what did it cost to run the dishwasher last week => Total Cost | Dishwasher | 2026-07-06 .. 2026-07-13
        How much did I consume last week and what did it cost? => Total Energy |  | 2026-07-06 .. 2026-07-13 | +Cost
        fridge: kwh and cost last month => Total Energy | Fridge | 2026-06-01 .. 2026-07-01 | kWh +Cost
        fridge plus nas yesterday => Total Energy | Fridge+NAS | 2026-07-13 .. 2026-07-14
        how much did the fridge and the NAS each use yesterday => Total Energy | Fridge+NAS | 2026-07-13 .. 2026-07-14 | each
        how much did the lamps use last week => Total Energy | Desk lamp+Ceiling lamp | 2026-07-06 .. 2026-07-13 | each
        desk lamp last month => Total Energy | Desk lamp | 2026-06-01 .. 2026-07-01
        the lamp in the office, last month => Total Energy | Desk lamp | 2026-06-01 .. 2026-07-01
        how much did the office use yesterday => Total Energy | Desk lamp+NAS | 2026-07-13 .. 2026-07-14
        everything except the wallbox last week => Total Energy | all but 🚗 Wallbox | 2026-07-06 .. 2026-07-13
        yesterday's total => Total Energy |  | 2026-07-13 .. 2026-07-14
        hey voltaire, could you tell me how much electricity we burned through last night please => Total Energy |  | 2026-07-14 .. 2026-07-14 06:00
        ",
    );
}

#[test]
fn periods() {
    table(
        &vienna(),
        "
        usage on 3 July => Total Energy |  | 2026-07-03 .. 2026-07-04
        usage on July 3rd => Total Energy |  | 2026-07-03 .. 2026-07-04
        usage on the 3rd of July 2025 => Total Energy |  | 2025-07-03 .. 2025-07-04
        usage on 2026-07-03 => Total Energy |  | 2026-07-03 .. 2026-07-04
        usage on 3.7.2026 => Total Energy |  | 2026-07-03 .. 2026-07-04
        usage on the 5th => Total Energy |  | 2026-07-05 .. 2026-07-06
        usage on the 20th => Total Energy |  | 2026-06-20 .. 2026-06-21
        usage on 24 December => Total Energy |  | 2025-12-24 .. 2025-12-25
        usage on February 29 => Total Energy |  | 2024-02-29 .. 2024-03-01
        usage in December => Total Energy |  | 2025-12-01 .. 2026-01-01
        usage in 2025 => Total Energy |  | 2025-01-01 .. 2026-01-01
        usage in August 2011 => Total Energy |  | 2011-08-01 .. 2011-09-01
        usage in March last year => Total Energy |  | 2025-03-01 .. 2025-04-01
        usage on Tuesday => Total Energy |  | 2026-07-14 .. 2026-07-14 15:30
        usage last Tuesday => Total Energy |  | 2026-07-07 .. 2026-07-08
        usage on Friday last week => Total Energy |  | 2026-07-10 .. 2026-07-11
        usage last year => Total Energy |  | 2025-01-01 .. 2026-01-01
        usage the week before last => Total Energy |  | 2026-06-29 .. 2026-07-06
        usage two weeks ago => Total Energy |  | 2026-06-29 .. 2026-07-06
        usage 3 days ago => Total Energy |  | 2026-07-11 .. 2026-07-12
        usage in the last 7 days => Total Energy |  | 2026-07-07 15:30 .. 2026-07-14 15:30
        usage over the past 24 hours => Total Energy |  | 2026-07-13 15:30 .. 2026-07-14 15:30
        usage past week => Total Energy |  | 2026-07-07 15:30 .. 2026-07-14 15:30
        usage in the last hour => Total Energy |  | 2026-07-14 14:30 .. 2026-07-14 15:30
        usage last 3 months => Total Energy |  | 2026-04-01 .. 2026-07-01
        usage since Friday => Total Energy |  | 2026-07-10 .. 2026-07-14 15:30
        usage since 1 July => Total Energy |  | 2026-07-01 .. 2026-07-14 15:30
        usage since the beginning of time ever => no: not understood
        usage from 1 July to 5 July => Total Energy |  | 2026-07-01 .. 2026-07-06
        usage between July 1 and July 5 => Total Energy |  | 2026-07-01 .. 2026-07-06
        usage from the 1st to the 10th => Total Energy |  | 2026-07-01 .. 2026-07-11
        usage from the 20th to the 25th => Total Energy |  | 2026-06-20 .. 2026-06-26
        usage last wknd => Total Energy |  | 2026-07-11 .. 2026-07-13
        usage 1-5 July => Total Energy |  | 2026-07-01 .. 2026-07-06
        usage from 28 December to 3 January => Total Energy |  | 2025-12-28 .. 2026-01-04
        usage from Monday to Wednesday last week => Total Energy |  | 2026-07-06 .. 2026-07-09
        usage from Monday to Friday of this week => Total Energy |  | 2026-07-13 .. 2026-07-14 15:30
        usage on July 3rd and 4th => Total Energy |  | 2026-07-03 .. 2026-07-05
        usage on the 3rd and 4th of July => Total Energy |  | 2026-07-03 .. 2026-07-05
        usage on July 3rd and 9th => no: not understood
        usage from 28.6 to 2.7 => Total Energy |  | 2026-06-28 .. 2026-07-03
        usage on 24.12. last year => Total Energy |  | 2025-12-24 .. 2025-12-25
        usage in the month of March => Total Energy |  | 2026-03-01 .. 2026-04-01
        usage in the 2nd quarter => Total Energy |  | 2026-04-01 .. 2026-07-01
        usage in the third quarter of 2025 => Total Energy |  | 2025-07-01 .. 2025-10-01
        usage in the first quarter of last year => Total Energy |  | 2025-01-01 .. 2025-04-01
        quarter to date usage => Total Energy |  | 2026-07-01 .. 2026-07-14 15:30
        usage in the last full month => Total Energy |  | 2026-06-01 .. 2026-07-01
        usage a week ago today => Total Energy |  | 2026-07-07 .. 2026-07-08
        usage two months ago today => Total Energy |  | 2026-05-14 .. 2026-05-15
        June 2026 kWh => Total Energy |  | 2026-06-01 .. 2026-07-01 | kWh
        usage from noon yesterday until now => Total Energy |  | 2026-07-13 12:00 .. 2026-07-14 15:30
        usage between 7 and 9 this morning => Total Energy |  | 2026-07-14 07:00 .. 2026-07-14 09:00
        usage between 6 and 8 last evening => Total Energy |  | 2026-07-13 18:00 .. 2026-07-13 20:00
        usage yesterday afternoon, like noon to six => Total Energy |  | 2026-07-13 12:00 .. 2026-07-13 18:00
        usage on the public holiday, 26 May => Total Energy |  | 2026-05-26 .. 2026-05-27
        usage on the public holiday => no: not understood
        usage last winter => no: not understood
        usage last winter, December to February => Total Energy |  | 2025-12-01 .. 2026-03-01
        bill for May and June together => Total Cost |  | 2026-05-01 .. 2026-07-01
        bill for April and June together => no: not understood
        weekly totals for May and June => Series Energy |  | 2026-05-01 .. 2026-07-01 | Week
        last week => Total Energy |  | 2026-07-06 .. 2026-07-13
        what about yesterday => Total Energy |  | 2026-07-13 .. 2026-07-14
        this month compared to the same period last year => Compare Energy |  | 2026-07-01 .. 2026-07-14 15:30 vs 2025-07-01 .. 2025-08-01
        did we use less last week than the one before => Compare Energy |  | 2026-07-06 .. 2026-07-13 vs 2026-06-29 .. 2026-07-06
        cost last month without the standing charge => no: not understood
        usage between May and June => Total Energy |  | 2026-05-01 .. 2026-07-01
        usage of all time => Total Energy |  | all
        usage this morning => Total Energy |  | 2026-07-14 06:00 .. 2026-07-14 12:00
        usage yesterday evening => Total Energy |  | 2026-07-13 18:00 .. 2026-07-14
        usage yesterday between 6pm and 9pm => Total Energy |  | 2026-07-13 18:00 .. 2026-07-13 21:00
        usage between 6 and 9 pm yesterday => Total Energy |  | 2026-07-13 18:00 .. 2026-07-13 21:00
        usage from 18:00 to 21:30 on Sunday => Total Energy |  | 2026-07-12 18:00 .. 2026-07-12 21:30
        usage between 10pm and 6am on 9 July => Total Energy |  | 2026-07-09 22:00 .. 2026-07-10 06:00
        usage between 2am and 5am => Total Energy |  | 2026-07-14 02:00 .. 2026-07-14 05:00
        usage between 5 and 8 yesterday morning => Total Energy |  | 2026-07-13 05:00 .. 2026-07-13 08:00
        usage between 5 and 8 yesterday evening => Total Energy |  | 2026-07-13 17:00 .. 2026-07-13 20:00
        usage yesterday from noon to 5 pm => Total Energy |  | 2026-07-13 12:00 .. 2026-07-13 17:00
        usage on the day the clocks changed => Total Energy |  | 2026-03-29 .. 2026-03-30
        usage on the day of the last daylight saving change => Total Energy |  | 2026-03-29 .. 2026-03-30
        usage in Q1 => Total Energy |  | 2026-01-01 .. 2026-04-01
        usage this weekend => Total Energy |  | 2026-07-11 .. 2026-07-13
        usage month to date => Total Energy |  | 2026-07-01 .. 2026-07-14 15:30
        ",
    );
}

#[test]
fn averages_extremes_rankings() {
    table(
        &vienna(),
        "
        average power of the heat pump last week => Average Power | Heat pump | 2026-07-06 .. 2026-07-13
        mean load in kW last month => Average Power |  | 2026-06-01 .. 2026-07-01 | kW
        on average how many watts does the NAS pull this week => Average Power | NAS | 2026-07-13 .. 2026-07-14 15:30 | W
        what is our average daily consumption in June => Average Energy |  | 2026-06-01 .. 2026-07-01 | Day
        average cost per week this year => Average Cost |  | 2026-01-01 .. 2026-07-14 15:30 | Week
        fridge usage per day last month => Average Energy | Fridge | 2026-06-01 .. 2026-07-01 | Day
        monthly average cost of the wallbox last year => Average Cost | 🚗 Wallbox | 2025-01-01 .. 2026-01-01 | Month
        weekly consumption of the washer last week => Total Energy | Washer | 2026-07-06 .. 2026-07-13
        peak power yesterday => Extreme Power |  | 2026-07-13 .. 2026-07-14
        what was my peak yesterday and when? => Extreme Power |  | 2026-07-13 .. 2026-07-14
        when was the maximum load last week => Extreme Power |  | 2026-07-06 .. 2026-07-13
        highest wattage of the dishwasher in June => Extreme Power | Dishwasher | 2026-06-01 .. 2026-07-01
        lowest power between 2am and 5am yesterday => Extreme Power |  | 2026-07-13 02:00 .. 2026-07-13 05:00 | least
        minimum power of the fridge on 9 July => Extreme Power | Fridge | 2026-07-09 .. 2026-07-10 | least
        when was my highest hour? => Extreme Energy |  | all | Hour
        which day did we use the most last month => Extreme Energy |  | 2026-06-01 .. 2026-07-01 | Day
        cheapest day last week => Extreme Cost |  | 2026-07-06 .. 2026-07-13 | Day least
        most expensive month of 2025 => Extreme Cost |  | 2025-01-01 .. 2026-01-01 | Month
        day with the lowest fridge usage last month => Extreme Energy | Fridge | 2026-06-01 .. 2026-07-01 | Day least
        in which hour did I use the most yesterday => Extreme Energy |  | 2026-07-13 .. 2026-07-14 | Hour
        what is the max the washer ever drew => Extreme Power | Washer | all
        what used the most yesterday? => Rank Energy |  | 2026-07-13 .. 2026-07-14 | top1
        which device used the least last week => Rank Energy |  | 2026-07-06 .. 2026-07-13 | least top1
        top 5 devices in June => Rank Energy |  | 2026-06-01 .. 2026-07-01 | top5
        top 3 by cost last month => Rank Cost |  | 2026-06-01 .. 2026-07-01 | top3
        biggest consumer last week => Rank Energy |  | 2026-07-06 .. 2026-07-13 | top1
        second biggest consumer last week => Rank Energy |  | 2026-07-06 .. 2026-07-13 | #2
        which appliance cost the most this month => Rank Cost |  | 2026-07-01 .. 2026-07-14 15:30 | top1
        most power hungry device yesterday => Rank Energy |  | 2026-07-13 .. 2026-07-14 | top1
        fridge, nas or tv, which used the most last week? => Rank Energy | Fridge+NAS+TV | 2026-07-06 .. 2026-07-13 | top1
        energy hogs last month => Rank Energy |  | 2026-06-01 .. 2026-07-01 | top3
        break down last month by device => Breakdown Energy |  | 2026-06-01 .. 2026-07-01
        cost per device this week => Breakdown Cost |  | 2026-07-13 .. 2026-07-14 15:30
        what share of the total was the fridge last month => Share Energy | Fridge | 2026-06-01 .. 2026-07-01
        percentage of the bill caused by nobody => no: Why
        % of total used by the NAS yesterday => Share Energy | NAS | 2026-07-13 .. 2026-07-14
        plot the fridge consumption last week => Series Energy | Fridge | 2026-07-06 .. 2026-07-13
        ",
    );
}

#[test]
fn comparisons_live_and_settings() {
    table(
        &vienna(),
        "
        compare this week with last week => Compare Energy |  | 2026-07-13 .. 2026-07-14 15:30 vs 2026-07-06 .. 2026-07-13
        last week vs the week before => Compare Energy |  | 2026-07-06 .. 2026-07-13 vs 2026-06-29 .. 2026-07-06
        did I use more yesterday than the day before? => Compare Energy |  | 2026-07-13 .. 2026-07-14 vs 2026-07-12 .. 2026-07-13
        cost in June compared to May => Compare Cost |  | 2026-06-01 .. 2026-07-01 vs 2026-05-01 .. 2026-06-01
        fridge yesterday against today => Compare Energy | Fridge | 2026-07-14 .. 2026-07-14 15:30 vs 2026-07-13 .. 2026-07-14
        compare the fridge and the nas last month => Compare Energy | Fridge+NAS | 2026-06-01 .. 2026-07-01
        TV versus TV box last week => Compare Energy | TV+TV box | 2026-07-06 .. 2026-07-13
        how much power am I using right now? => Live Power | 
        current load => Live Power | 
        what is the fridge using at the moment => Live Power | Fridge
        how many watts is the NAS drawing now => Live Power | NAS | W
        is the washer on? => Live Runtime | Washer
        is the tv still running => Live Runtime | TV
        is anything still on? => Live Runtime | 
        which time zone is my home set to => Settings Energy |  | Zone
        what is on right now? => Live Runtime | 
        what uses the most right now => Live Power |  | top1
        what devices do I have? => Inventory Runs |  | Devices
        how many devices are set up => Inventory Runs |  | Count
        list my devices => Inventory Runs |  | Devices
        how far back does my data go? => Inventory Energy |  | Since
        what do I pay per kwh? => Settings Cost |  | Price
        what is my tariff => Settings Cost |  | Price
        which time zone am I in => Settings Energy |  | Zone
        what can you do? => Help Energy | 
        thanks! => courtesy
        hello => courtesy
        ",
    );
}

#[test]
fn another_home_in_another_zone() {
    table(
        &denver(),
        "
        fridge last month => Total Energy | REFRIGERATOR | 2026-02-01 .. 2026-03-01
        cost in dollars yesterday => Total Cost |  | 2026-03-03 .. 2026-03-04
        usage on 2/28 => Total Energy |  | 2026-02-28 .. 2026-03-01
        usage on the day the clocks changed => Total Energy |  | 2025-11-02 .. 2025-11-03
        how much did the AC use last week => which: Bedroom AC+Den AC
        air conditioner cost in February => which: Bedroom AC+Den AC
        the heater yesterday => which: Nina's Heater+Water Heater
        bedroom ac cost in February => Total Cost | Bedroom AC | 2026-02-01 .. 2026-03-01
        how much did both ACs use yesterday => Total Energy | Bedroom AC+Den AC | 2026-03-03 .. 2026-03-04 | each
        the AC in the den, yesterday => Total Energy | Den AC | 2026-03-03 .. 2026-03-04
        ninas heater yesterday => Total Energy | Nina's Heater | 2026-03-03 .. 2026-03-04
        water heater yesterday => Total Energy | Water Heater | 2026-03-03 .. 2026-03-04
        oven last week (kwh) => Total Energy | Oven | 2026-02-23 .. 2026-03-02 | kWh
        how much did the dryer use on Saturday => Total Energy | Clothes dryer | 2026-02-28 .. 2026-03-01
        how much does the jacuzzi cost per month => Average Cost | Hot tub | 2026-02-25 09:15 .. 2026-03-04 09:15 | Month
        what did charging my car cost last week => Total Cost | EV | 2026-02-23 .. 2026-03-02
        usage in euros yesterday => no: currency
        ",
    );
}

#[test]
fn figures_beyond_totals() {
    table(
        &vienna(),
        "
        what is my standby load => Baseload Power |  | 2026-07-07 15:30 .. 2026-07-14 15:30
        how often did the washer run last week => Runs Runs | Washer | 2026-07-06 .. 2026-07-13 | Count
        was the tv on yesterday => Runs Runs | TV | 2026-07-13 .. 2026-07-14 | Whether
        how long was the tv on yesterday => Runs Runs | TV | 2026-07-13 .. 2026-07-14 | Duration
        when did the washer last finish => Runs Runs | Washer | all | Last
        when did the washer start yesterday => Runs Runs | Washer | 2026-07-13 .. 2026-07-14 | First
        did the car charge yesterday => Runs Runs | 🚗 Wallbox | 2026-07-13 .. 2026-07-14 | Whether
        how much does the dishwasher cost per cycle in June => Runs Cost | Dishwasher | 2026-06-01 .. 2026-07-01 | PerRun
        anything unusual yesterday? => Unusual Energy |  | 2026-07-13 .. 2026-07-14
        did we use more than usual yesterday => Compare Energy |  | 2026-07-13 .. 2026-07-14 | Usual
        weekdays vs weekends in June => Compare Energy |  | 2026-06-01 .. 2026-07-01 | WeekdaysWeekends
        why was my bill so high last month => Explain Cost |  | 2026-06-01 .. 2026-07-01
        why was June more expensive than May => Explain Cost |  | 2026-06-01 .. 2026-07-01 vs 2026-05-01 .. 2026-06-01
        how much will my bill be this month => Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30
        what will June cost => no: future
        what if the fridge used 20% less last month => WhatIf Cost | Fridge | 2026-06-01 .. 2026-07-01 | x0.8
        how long was the power above 2 kW yesterday => Duration Power |  | 2026-07-13 .. 2026-07-14 | >2000 W
        how many hours were we below 300 watts yesterday => Duration Power |  | 2026-07-13 .. 2026-07-14 | <300 W
        which device did I not use last week => Unused Runs |  | 2026-07-06 .. 2026-07-13
        any gaps last week? => DataQuality Energy |  | 2026-07-06 .. 2026-07-13
        lowest voltage yesterday => Extreme Voltage |  | 2026-07-13 .. 2026-07-14 | least
        daily usage last week => Series Energy |  | 2026-07-06 .. 2026-07-13 | Day
        gas consumption last week => no: not understood
        fridge in the first week of June => Total Energy | Fridge | 2026-06-01 .. 2026-06-08
        usage on christmas day => Total Energy |  | 2025-12-25 .. 2025-12-26
        compare yesterday morning with yesterday evening => Compare Energy |  | 2026-07-13 18:00 .. 2026-07-14 vs 2026-07-13 06:00 .. 2026-07-13 12:00
        fridge between 22:00 and 06:00 last night => Total Energy | Fridge | 2026-07-13 22:00 .. 2026-07-14 06:00
        how much this year => Total Energy |  | 2026-01-01 .. 2026-07-14 15:30
        kitchen without the fridge last week => Total Energy | Ceiling lamp+Dishwasher | 2026-07-06 .. 2026-07-13
        total last quarter => Total Energy |  | 2026-04-01 .. 2026-07-01
        ",
    );
}

#[test]
fn words_beside_a_device_say_which_one_or_what_it_does() {
    table(
        &vienna(),
        "
        cost of heating the office last month => Total Cost | Desk lamp+NAS | 2026-06-01 .. 2026-07-01
        how much did the office lamp use yesterday => Total Energy | Desk lamp | 2026-07-13 .. 2026-07-14
        how much did the wallbox charge yesterday => Total Energy | 🚗 Wallbox | 2026-07-13 .. 2026-07-14
        everything bar the wallbox last week => Total Energy | all but 🚗 Wallbox | 2026-07-06 .. 2026-07-13
        which of the two lamps used more last week => Compare Energy | Desk lamp+Ceiling lamp | 2026-07-06 .. 2026-07-13
        how many lamps do I have => Inventory Runs | Desk lamp+Ceiling lamp | each Count
        day vs night last week => Compare Energy |  | 2026-07-06 .. 2026-07-13 | DayNight
        was it more by day or at night last week => Compare Energy |  | 2026-07-06 .. 2026-07-13 | DayNight
        how much of last week is unaccounted for => Untracked Energy |  | 2026-07-06 .. 2026-07-13
        rank the kitchen devices by cost last month => Rank Cost | Fridge+Ceiling lamp+Dishwasher | 2026-06-01 .. 2026-07-01
        the wallbox instead of the heat pump last week => Total Energy | 🚗 Wallbox | 2026-07-06 .. 2026-07-13
        how much did the fridge use without the freezer last week => no: not understood
        how much less did we use this June than last June => Compare Energy |  | 2026-06-01 .. 2026-07-01 vs 2025-06-01 .. 2025-07-01
        compare this week to the same week last year => Compare Energy |  | 2026-07-13 .. 2026-07-14 15:30 vs 2025-07-14 .. 2025-07-21
        leave the tv on => no: Command
        how much energy for heating last month => no: unknown device
        cooling cost last month => no: unknown device
        how much did single devices use yesterday => Breakdown Energy |  | 2026-07-13 .. 2026-07-14
        rank of the fridge last month => no: not understood
        between 2 and 3 kWh yesterday => no: not understood
        how many kWh per euro did I get last month => no: not understood
        how much did we use last month including the freezer => no: not understood
        bill for June including the standing charge => Total Cost |  | 2026-06-01 .. 2026-07-01
        how much did the bottom freezer use yesterday => no: not understood
        bar chart of the fridge last week => Series Energy | Fridge | 2026-07-06 .. 2026-07-13
        usage for the whole month of June => Total Energy |  | 2026-06-01 .. 2026-07-01
        usage for the entire year 2025 => Total Energy |  | 2025-01-01 .. 2026-01-01
        how much did the lamp and the desk lamp use yesterday => which: Desk lamp+Ceiling lamp
        average cost per washer in June => Runs Cost | Washer | 2026-06-01 .. 2026-07-01 | PerRun
        biggest spike yesterday => Extreme Power |  | 2026-07-13 .. 2026-07-14
        what drove usage up yesterday => Explain Energy |  | 2026-07-13 .. 2026-07-14
        ",
    );
}

#[test]
fn words_of_other_people() {
    table(
        &vienna(),
        "
        List the devices ranked by consumption for the first half of 2026. => Rank Energy |  | 2026-01-01 .. 2026-07-01
        if we'd used the dishwasher half as much last month what would we have saved => WhatIf Cost | Dishwasher | 2026-06-01 .. 2026-07-01 | x0.5
        what if the washer had run twice as often last month => WhatIf Cost | Washer | 2026-06-01 .. 2026-07-01 | x2
        say i ran the dishwasher 20 percent less in june, how many euros is that => WhatIf Cost | Dishwasher | 2026-06-01 .. 2026-07-01 | x0.8
        Please report the total energy consumption of the residence from July 1 through July 5, inclusive. => Total Energy |  | 2026-07-01 .. 2026-07-06
        this year's total and what it cost => Total Energy |  | 2026-01-01 .. 2026-07-14 15:30 | +Cost
        the two lamps last week => Total Energy | Desk lamp+Ceiling lamp | 2026-07-06 .. 2026-07-13 | each
        what's the current draw of the fridge => Live Power | Fridge
        what was the highest current drawn by the fridge last week => Extreme Current | Fridge | 2026-07-06 .. 2026-07-13
        highest instantaneous demand yesterday => Extreme Power |  | 2026-07-13 .. 2026-07-14
        highest quarter-hour demand last month => Extreme Energy |  | 2026-06-01 .. 2026-07-01 | QuarterHour
        show me last week by day => Series Energy |  | 2026-07-06 .. 2026-07-13 | Day
        daily average last month => Average Energy |  | 2026-06-01 .. 2026-07-01 | Day
        compare june to may => Compare Energy |  | 2026-06-01 .. 2026-07-01 vs 2026-05-01 .. 2026-06-01
        june v may => Compare Energy |  | 2026-06-01 .. 2026-07-01 vs 2026-05-01 .. 2026-06-01
        april to june => Total Energy |  | 2026-04-01 .. 2026-07-01
        june, july combined => Total Energy |  | 2026-06-01 .. 2026-07-14 15:30
        was monday normal? => Compare Energy |  | 2026-07-13 .. 2026-07-14 | Usual
        is the dishwasher done yet => Live Runtime | Dishwasher
        is the washer on or off => Live Runtime | Washer
        fridge from july 1 => Total Energy | Fridge | 2026-07-01 .. 2026-07-14 15:30
        from 3 july to 5 july => Total Energy |  | 2026-07-03 .. 2026-07-06
        usage since 9 this morning => Total Energy |  | 2026-07-14 09:00 .. 2026-07-14 15:30
        usage since 7 in the evening => Total Energy |  | 2026-07-13 19:00 .. 2026-07-14 15:30
        noon till now => Total Energy |  | 2026-07-14 12:00 .. 2026-07-14 15:30
        yesterday 7 to 9 in the evening => Total Energy |  | 2026-07-13 19:00 .. 2026-07-13 21:00
        tv yesterday from 8 to 17 o'clock => Total Energy | TV | 2026-07-13 08:00 .. 2026-07-13 17:00
        the night before last => Total Energy |  | 2026-07-13 .. 2026-07-13 06:00
        29th cost => Total Cost |  | 2026-06-29 .. 2026-06-30
        devices => Inventory Runs |  | Devices
        washer runs last week => Runs Runs | Washer | 2026-07-06 .. 2026-07-13 | Count
        longest wallbox session in june => Runs Runs | 🚗 Wallbox | 2026-06-01 .. 2026-07-01 | Longest
        cheapest device to run in june => Rank Cost |  | 2026-06-01 .. 2026-07-01 | least top1
        break june down by device => Breakdown Energy |  | 2026-06-01 .. 2026-07-01
        fridge n washer last week => Total Energy | Fridge+Washer | 2026-07-06 .. 2026-07-13
        why is my bill up this month versus last? => Explain Cost |  | 2026-07-01 .. 2026-07-14 15:30 vs 2026-06-01 .. 2026-07-01
        what's driving the increase this week compared to last => Explain Energy |  | 2026-07-13 .. 2026-07-14 15:30 vs 2026-07-06 .. 2026-07-13
        what made the usage spike on thursday => Explain Energy |  | 2026-07-09 .. 2026-07-10
        how many kwh did i put in the car this week => Total Energy | 🚗 Wallbox | 2026-07-13 .. 2026-07-14 15:30 | kWh
        4th quarter of 2025 kwh => Total Energy |  | 2025-10-01 .. 2026-01-01 | kWh
        what's it heading for this month => Forecast Energy |  | 2026-07-01 .. 2026-07-14 15:30
        can't be attributed to a device last week => Untracked Energy |  | 2026-07-06 .. 2026-07-13
        pay my bill => no: Command
        what did I pay in june => Total Cost |  | 2026-06-01 .. 2026-07-01
        whats on tv tonight => no: off topic
        which day of the week is the dearest => Extreme Cost |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | Weekday
        when's the cheapest time to run the dishwasher => no: Runs
        7 to 9 yesterday => no: not understood
        cheers mate => courtesy
        ",
    );
}

/// Names within names, numbers in names, and words of names that mean something else.
#[test]
fn a_name_is_neither_its_number_nor_a_part_of_another() {
    let devices = [
        ("Fridge 2", "Garage", "fridge"),
        ("Freezer", "Kitchen", "freezer"),
        ("Dad's freezer", "Garage", "freezer"),
        ("Split system 1", "Lounge", "air_conditioner"),
        ("Split system 2", "Bedroom", "air_conditioner"),
        ("F-150", "Garage", "ev"),
        ("Electric shower", "Bathroom", "other"),
        ("Big heater", "Lounge", "heater"),
        ("Wee heater", "Bedroom", "heater"),
    ];
    table(
        &home("Europe/London", "GBP", "2026-07-14T13:30:00Z", &devices),
        "
        the two heaters together this month => Total Energy | Big heater+Wee heater | 2026-07-01 .. 2026-07-14 14:30
        which of the two heaters cost more in june => Compare Cost | Big heater+Wee heater | 2026-06-01 .. 2026-07-01
        the freezers, both, last month => Total Energy | Freezer+Dad's freezer | 2026-06-01 .. 2026-07-01 | each
        the freezer last month => Total Energy | Freezer | 2026-06-01 .. 2026-07-01
        how much did the split cost last week => which: Split system 1+Split system 2
        tuesday last week, the split systems, cost => Total Cost | Split system 1+Split system 2 | 2026-07-07 .. 2026-07-08 | each
        split system 2 last week => Total Energy | Split system 2 | 2026-07-06 .. 2026-07-13
        f150 last week => Total Energy | F-150 | 2026-07-06 .. 2026-07-13
        cost to charge the F-150 in june => Total Cost | F-150 | 2026-06-01 .. 2026-07-01
        whats eating all the electric => Live Power | 
        2 days ago freezer => Total Energy | Freezer | 2026-07-12 .. 2026-07-13
        how many showers yesterday => Runs Runs | Electric shower | 2026-07-13 .. 2026-07-14 | Count
        ",
    );
}

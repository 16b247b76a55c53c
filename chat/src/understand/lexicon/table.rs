//! The words themselves: `cue: phrase|phrase|…`.

use super::{Cue, Unit, Versus};

/// Every phrase that is known, by what it is evidence of.
pub(super) const TABLE: &[(Cue, &str)] = &[
    (
        Cue::Filler,
        "a|an|the|of|for|in|on|at|to|by|with|from|about|as|into|over|during|within|out|there|here|this|these|so|then|just|\
         only|also|too|actually|really|exactly|roughly|approximately|approx|about|around|please|ok|okay|well|hm|hmm|um|uh|lol|\
         btw|again|yet|already|ever|even|quite|right|kind|sort|bit|lot|taking|whole|entire|full|given|according|based|going|\
         go|looking|look|regarding|terms|s|t|be|been|being|get|got|gets|getting|come|came|end|through|up|down to|off of|such|\
         if possible|in total of|all of|overall for|amount|number|value|figure|figures|reading|readings|data|info|information|\
         some|any|own|its|that was|it was|it is|were they|worth|level|levels|period|time|times of|stuff|way|at all|date|\
         on this app|on this thing|all day|the whole day|leh|lah|lor|meh|liao|we doing|are we doing any|at the one time|keep a record of|have on file|on file|that is|what is|you|your|im|id|ive|so far|anything|something|like|but|went|gone|course|anyone|anybody|somebody|happen|happened|set|set to|until now|up to now|to date|till date|till now|till today|as of now|on earth|the heck|me|namely|though|er|erm|showing|shown|displayed|someone|hell|the hell|bloody|damn|freaking|huge|whopping|single|very|hence|etc|guess|still|part|or not|account|as per|at once|at some point|some point|sometime|some time|even once|saw|seen|count|going by|s worth|worth of|month s worth|at one time|at any one time|at the same time|in one go|simultaneously|base it on|base that on|basing it on|going off|go off of|judging by|judging from|working off|on the basis of|do you think|you think|do you reckon|you reckon|reckon|do you suppose|i think|i believe|i guess|i suppose|to this very minute|to this minute|up to this minute|to this very moment|up to this moment|up to this very moment|until this moment|until this very moment|up to right now|till this moment|you have put|have you put|all told then|or so|give or take|in the end|as a whole|per se|somehow|basically|honestly|frankly|literally|apparently|supposedly|obviously|clearly|particularly|specifically|eventually|anyhow|anyway|anyways|could|might|may|must|did you say|did you see|whatever|measurement|measurements|recordings|for example|for instance|say for example|for fun|just for fun|or what|or no|or nah|or something|or whatever|yes or no|not units|not in units|not kwh|not in kwh|not watts|not in watts|not wh|not in wh|not money|not in money|not percent|ouch|wow|whoa|yikes|oof|eek|geez|jeez|gosh|blimey|crikey|hmmm|ugh|argh|damn|aha|huh|eh|meh|phew|omg|wtf|lmao|haha|hahaha|hehe|crap|bugger|lads|lol|generally|ordinarily|in general|as a rule|all the time|my place|at my place|in my place|please and thanks|for me|for us|out of interest|out of curiosity|to be precise|to be exact|if any|if at all|for real|in reality|in fact|as far as you know|by any chance|per chance|quickly|quick|fast|asap|urgently|taken|consuming right|one by|please can|in law|in laws|full month|full week|full day|full year|his|her|hers|their own|once|recorded|logged|while we were gone|while we were away|while i was gone|while i was away|while away|in our absence|during our absence|in my absence|when we were away|when we were gone|when i was away|wise|electricity wise|power wise|energy wise|up there|down there|over there|in there|out there|till the same date|until the same date|up to the same date|till the same day|until the same day|up to the same day|by the same date|up to the same point|until the same point|till the same point|for my records|for our records|for the records|for the record|is it true that|it is true that|is it true|true|before i forget|while i remember|while i am at it|by the way|n|hallelujah|just checking|in particular|thing is|wah|walao|aiyo|aiyah|alamak|ah|in one line|one line|in a nutshell|in short|in brief|in a sentence|new month|new week|happy new year|in that time|during that time|over that time|in that period|during that period|over that period|in those days|over those days|that should not be|that should not|fell to|dropped to|sank to|climbed to|went down to|went up to|got down to|got up to|did we go crazy|did we go mad|did we overdo it|of the clock|we are ok|feels like it|it feels like it|have done|has done|it did|they did|they done|we done|it done|at any point|should be zero|should be|only that one|that one only|among|amongst|shouldnt be|should not be|that shouldnt|both days|for both days|both of the days|both months|both weeks|put aside|set aside|we put aside|have put aside|budgeted|counting from|counted from|been counting from|over all the days of|on all the days of|over all days of|on all days of|this early|this late|that early|that late|alone|records",
    ),
    (
        Cue::Polite,
        "hey|hi|hello|voltaire|can you|could you|would you|will you|can i|could i|may i|tell me|show me|give me|let me know|\
         tell us|show us|give us|i want to know|i would like to know|i would like|i want|i need|we want to know|i am wondering|\
         wondering|i wonder|do you know|do you happen to know|any idea|please tell me|find out|find|check|calculate|compute|\
         see|list me|say|quick question|just curious|curious|question|thanks|thank you|cheers|thx|ty|great|nice|cool|perfect|\
         good|awesome|morning all|sorry|oops|oh|ah|yes|yeah|yep|want|know|need to know|tell|please report|report the|report on|sir|madam|mate|pal|buddy|bro|dude|like to know|display|get me|remind me|quick one|hey there|hi there|hello there|let us know|any chance|go ahead|if you can|if you could|kindly|provide|provide me|not gonna lie|ngl|whoops|legend|helpful|very helpful|super helpful|cheers for that|good to know|not sure if you can do|not sure if you can|not sure you can|quick q|what would you say|ta|ta very much|much appreciated|appreciate it|lovely|brilliant|got it|understood|wait|hang on|hold on|thank u|tq|tks|tnx|brill|ace|be honest|to be honest|honest answer|tbh|thanks a bunch|thanks a lot|thanks a million|thanks a ton|thanks heaps|thanks so much|thank you so much|thanks very much|thank you very much|many thanks|you are a star|you are the best|you are great|you are a gem|you are a legend|you are a lifesaver|star|lifesaver|you rock|good job|great job|well done|good stuff|nice one|good one|i was hoping|was hoping|hoping|i was wondering|was wondering|i was wondering if|wondering if|you could tell me|you can tell me|hello dear|dear|my dear|love|darling|sweetie|friend|g day|gday|howdy|greetings|if you do not mind|would you mind telling me|would you mind|i am asking|asking|fyi|pls|plz|super|excellent|fantastic|wonderful|amazing|sweet|fab|fabulous|splendid|nice work|neat|tusen takk|takk|danke|danke schon|merci|merci beaucoup|gracias|muchas gracias|obrigado|obrigada|grazie|dhanyavad|shukriya|tack|tack sa mycket|tak|kiitos|lekker|dankie|baie dankie|nandri|arigato|yo|i should like to know|should like to know|i should like|i should love to know|give|give us|give me the|name me|pray tell|be so kind|would be so kind|if you would|very nice|really nice|so kind|that was quick|wow nice|bless|bless you|bravo|kudos|props|respect|good bot|sorted|that helps|that helped|helps a lot|all the best|sweet as|no worries|no problem|happy with that|fair enough|makes sense|i see|noted|okey dokey|alright|all right|righto|right then|roger|copy that|will do|most helpful|most kind|very kind|so helpful|you have been helpful|grand|dank je|dank je wel|dank u|dank u wel|bedankt|salamat|salamat po|maraming salamat|efharisto|put that in|put it in|put that into|put it into|double check|sharp|sharp sharp|read me|read out|read us|read me out|such a help|been such a help|you have been such a help|you have been a great help|a great help|what a help|i promise|last one i promise|last question i promise|one last thing|one more thing|spasibo|terima kasih|mahalo|xie xie|kamsahamnida|asante|asante sana|shukran|grazie mille|toda|toda raba|efcharisto|multumesc|dekuji|koszonom|hvala|gamsahamnida|khop khun|khob khun|cam on|tesekkurler|tesekkur ederim|kop khun krub|khop khun khrap|aitah|paldies|aciu|dziekuje|dzieki|dakujem",
    ),
    (Cue::Link, "and|plus|as well as|along with|together with|,|-|then|&"),
    (Cue::Or, "or"),
    (Cue::Not, "not|never|no|none|nothing"),
    (Cue::My, "my|our|mine|ours|i|we|us"),
    (
        Cue::Pronoun,
        "it|that|those|them|they|that one|this one|the same|same|that device|those two|these|its|their|one|ones|the one",
    ),
    (
        Cue::Follow,
        "and what about|what about|how about|and how about|same for|and for|now for|and now|no i meant|never mind|i meant|no wait|oh wait|wait no|actually no|scratch that|i mean|i mean to say|\
         meant|instead|rather|make that|make it|ok now|what of|then what about|correction|not that one|no not that one|not that",
    ),
    (
        Cue::YesNo,
        "is|was|were|are|am|did|do|does|has|have|had|would|should i have|can",
    ),
    (
        Cue::HowMuch,
        "how much|how is much|how many|what amount of|how high|how big|how large|how low|how great|how little|what quantity of|amount of|how",
    ),
    (
        Cue::What,
        "what|which|who|whose|what all|which all|what was|what were|what is|what did|what does|where",
    ),
    (
        Cue::When,
        "when|what time|at what time|at which time|which time|what moment|when exactly|at what point|since when|at what clock|what clock|which clock|how late|from what hour|from what time|from which hour|from when|at what hour|around what time|about what time|by what time|until when|till when|until what time|till what time|until how late|till how late",
    ),
    (
        Cue::Use,
        "is taking|are taking|come to|came to|comes to|amount to|amounted to|adds up to|added up to|use|used|uses|using|consume|consumed|consumes|consuming|draw|drew|drawn|draws|drawing|pull|pulled|pulls|pulling|burn|\
         burned|burnt|burning|burns|burn through|burned through|take|took|takes|need|needed|needs|eat|ate|eaten|eats|eat up|\
         go through|went through|gone through|get through|got through|suck|sucked|suck up|guzzle|guzzled|chew|chewed|chew through|\
         chewed through|run through|ran through|utilise|utilised|utilize|utilized|expend|expended|require|required|eating|taking up|sucking|sucks|suck down|sucked down|sucking down|guzzling|guzzles|draining|drained|use up|used up|\
         using up|chewing|chewing through|put in|put into|put in to|giving|gave|putting out|gives out|burn up|burned up|burning through|going through|swallow|swallowed|gobble|gobbled|gobbling|chew up|chewed up|chewing up|chews up|waste|wastes|wasted|wasting|chomp|chomped|hogging|hogged|touch|touched|crank out|cranked out|pump out|pumped out|churn out|churned out|put out|chow|chowed|chowing|chows|munch|munched|munching|scoff|scoffed|devour|devoured|devouring|devours|slurp|slurped|slurping|swallows|inhale|inhaled|drink|drank|drinks|drinking|nibble|nibbled|gives|give us|sip|sipped|sipping|hoover up|hoovered up|soak up|soaked up|rack up in energy|get by on|got by on|needing|requires|requiring|utilising|utilizing|expending|doing|munches|coming off|coming from|coming in|coming through|coming out of|read|reads|registered|drunk",
    ),
    (
        Cue::Energy,
        "light units|energy|electricity|consumption|usage|energy use|energy usage|energy consumption|electricity use|electricity usage|\
         electricity consumption|power usage|power consumption|power use|juice|electric|electrical energy|energy total|\
         consumptions|electrical consumption|electric usage|uses of energy|energy used|of total usage|of total energy|of total consumption|\
         of total electricity|leccy|hydro|electric consumed|electricity consumed",
    ),
    (
        Cue::Cost,
        "run us|run me|ran us|ran me|cost|costs|costed|costing|bill|bills|spend|spent|spending|spends|spendings|pay|paid|paying|pays|expense|expenses|expensive|\
         expenditure|outlay|charges|charged|electricity bill|energy bill|power bill|electric bill|energy cost|electricity cost|\
         energy costs|electricity costs|how expensive|owe|bucks|dear|damage|run up|rack up|racked up|set me back|set us back|invoice|moneywise|\
         money wise|costwise|cost wise|that worth|ran the bill up|run the bill up|runs the bill up|running the bill up|drove the bill up|drives the bill up|pushed the bill up|pushes the bill up|ran up the bill|hydro bill|hydro bills|light bill|light bills|leccy bill|current bill amount|hurt|hurts|hurt us|hurt me|stung|stings|damage report|sting us|stung us|pinched us",
    ),
    (
        Cue::Power,
        "power|output|wattage|load|power draw|power level|power demand|demand|draw power|power load|active power|power reading|how hard|pull at most",
    ),
    (
        Cue::Money,
        "money|cash|euro|euros|eur|€|dollar|dollars|usd|$|pound|rs|pounds|gbp|£|quid|yen|jpy|¥|rupees|inr|₹|cents|francs|chf|sek|kronor|kroner|nok|dkk|pln|zloty|cad|aud|nzd|czk|reais|brl|pence|rand|zar|hkd|sgd|krw|thb|rupee|huf|kr|rands|kronor|krona|krone|krones|lei|forint|lira|liras|pesos|peso|baht|dirham|dirhams|shekel|shekels|taka|paise|pennies|penny|bucks|francs|franc|ringgit|rupiah|naira|shillings|shilling|ksh|kes|zlotys|koruna|agorot|agora|bani|leu|dong|rubles|roubles|tenge",
    ),
    (
        Cue::In(Unit::Kwh),
        "kwh|kwhs|kilowatt hour|kilowatt hours|kilowatthours|kilowatthour|kw h|units|unit count|units count|number of units|no of units|units kwh|kw hours|kw hour",
    ),
    (
        Cue::In(Unit::Mwh),
        "mwh|mwhs|megawatt hour|megawatt hours|megawatthour|megawatthours|mw h",
    ),
    (Cue::In(Unit::Wh), "wh|watt hour|watt hours|watthours|watthour"),
    (Cue::In(Unit::Kw), "kw|kilowatt|kilowatts"),
    (Cue::In(Unit::W), "w|watt|watts"),
    (
        Cue::Home,
        "home|house|household|whole home|whole house|whole household|residence|premises|dwelling|entire home|entire house|entire household|place|apartment|flat|\
         everything|everything together|all devices|all my devices|all the devices|all appliances|all my appliances|the lot|\
         altogether everything|whole place|property|all of it together|joint|the joint|the total|whole thing|empty house|empty home|empty flat|empty place|the empty house",
    ),
    (
        Cue::Total,
        "total|totals|in total|overall|altogether|combined|sum|summed|together|all together|grand total|all up|all in all|in all|all in|summed up|add up|added up|total of|all told|put together|taken together|added together|lumped together|between them|as one|when added|counted together|rolled together|in the aggregate|aggregate|cumulative|cumulatively|add together|add them together|add them up|add them|add both|add both together|added up together|add those together|adding up|adding together|summing up|summing|adding all up|adding it up",
    ),
    (
        Cue::Each,
        "each|respectively|individually|separately|apiece|each of them|every one|each for itself|each on its own|each by itself|each by themselves|one by one|for each|of each|on their own|by themselves|individual",
    ),
    (
        Cue::Both,
        "both|both of them|all of them|all|all three|all two|either|each one|every",
    ),
    (
        Cue::Except,
        "except|excluding|exclude|without|except for|other than|apart from|all but|everything but|without counting|not counting|minus|besides|bar|barring|aside from|save for|leaving out|leave out|ignoring|not including|\
         excepting|if you leave out|if we leave out|if i leave out|if you exclude|if we exclude|if you ignore|if we ignore|if you do not count|if we do not count|if i do not count|if you take out|if we take out|if you subtract|if we subtract|with the exception of|with exception of|not counting the|disregarding|omitting",
    ),
    (
        Cue::Average,
        "average|averages|averaged|averaging|mean|on average|on an average|averagely|average of|in average|in the mean",
    ),
    (
        Cue::PerHour,
        "of each hour|of every hour|for each hour|for every hour|each hour s|every hour s|per hour|hourly|hour wise|hourwise|an hour|each hour|every hour|by hour|by the hour|hour by hour|split into hours|into hours|by hours|split by hour|split by hours",
    ),
    (
        Cue::PerDay,
        "of each day|of every day|for each day|for every day|each day s|every day s|per day|daily|day wise|daywise|date wise|datewise|a day|each day|every day|by day|day by day|on a daily average|daily average|on a daily basis|everyday|per diem|\
         by the day|typical day|normal day|average day|usual day|ordinary day|split into days|into days|by days|split by day|split by days|for one day|for a day|for a single day",
    ),
    (
        Cue::PerWeek,
        "of each week|of every week|for each week|for every week|each week s|every week s|per week|average week|typical week|normal week|usual week|weekly|week wise|weekwise|a week|each week|every week|by week|week by week|weekly average|on a weekly basis|split into weeks|into weeks|by weeks|split by week|split by weeks",
    ),
    (
        Cue::PerMonth,
        "of each month|of every month|for each month|for every month|each month s|every month s|per month|average month|typical month|normal month|usual month|monthly|month wise|monthwise|a month|each month|every month|by month|month by month|monthly average|on a monthly basis|split into months|into months|by months|split by month|split by months",
    ),
    (
        Cue::PerYear,
        "of each year|of every year|for each year|for every year|each year s|every year s|per year|average year|typical year|normal year|usual year|yearly|annually|annual|a year|each year|every year|by year|year by year|yearly average",
    ),
    (
        Cue::Max,
        "peak|peaks|peaked|max|maximum|maximal|highest|most|biggest|largest|greatest|record|at most|worst|most expensive|costliest|\
         strongest|max draw|maximum draw|peak draw|highest draw|biggest draw|largest draw|top draw|priciest|dearest|heaviest|peak power|peak load|peak demand|maximum power|top power|hit|busiest|at its highest|at the most|at its peak|at its best|at peak|hardest|steepest|hungriest|greediest|max usage|costliest|thirstiest|highest ever|most costly|kindest|sunniest|brightest|most generous|strongest sun|top load|top demand|top wattage|top output|most productive",
    ),
    (
        Cue::Min,
        "min|minimum|minimal|lowest|min draw|minimum draw|lowest draw|smallest draw|least|smallest|cheapest|at least|best|least expensive|weakest|quietest|lightest|fewest|at its lowest|least costly|from the bottom|from bottom|from the end|least productive|weakest one",
    ),
    (Cue::Ordinal(1), "number one|in first place"),
    (Cue::Ordinal(3), "in third place|third place|number three|number 3"),
    (Cue::Ordinal(4), "in fourth place|fourth place|number four|number 4"),
    (Cue::Ordinal(5), "in fifth place|fifth place|number five|number 5"),
    (
        Cue::Ordinal(2),
        "runner up|runners up|number two|number 2|no two|in second place|second place|next biggest|next highest|next most",
    ),
    (
        Cue::Top,
        "put the devices in order of|put devices in order of|in order of|sorted by|ordered by|sort the devices by|order the devices by|top|rank|ranked|ranking|rankings|from cheapest to dearest|from cheapest to most expensive|cheapest to dearest|from dearest to cheapest|from most expensive to cheapest|from lowest to highest|lowest to highest|from highest to lowest|highest to lowest|from least to most|least to most|from most to least|most to least|from biggest to smallest|biggest to smallest|from smallest to biggest|lowest first|cheapest first|highest first|biggest first|most first|largest first|smallest first|dearest first|most expensive first|from top to bottom|from best to worst|from worst to best",
    ),
    (
        Cue::Device,
        "device|devices|appliance|appliances|thing|things|gadget|gadgets|machine|machines|equipment|plug|plugs|sensor|sensors|item|items|circuit|circuits|of all devices|\
         of all appliances|of all my devices|of all my appliances|of all the devices|of all our stuff|of all my stuff|of all the stuff|of all our things|of all my things|of all our gadgets|of all my gadgets|out of everything|of everything|of the lot|of them all|of all of them|which of ours|of ours|which of mine|which ones",
    ),
    (
        Cue::Consumer,
        "consumer|consumers|user of energy|energy user|energy hog|hog|hogs|power hog|energy hogs|energy users|electricity users|power users|guzzler|guzzlers|power hungry|\
         hungry|hungriest|power hungriest|energy hungry|drain|drains|culprit|offender|energy guzzler|electricity consumer|\
         energy consumer|power consumer|energy consumers|biggest user|biggest users|main culprit|main consumer|highest user|heaviest user|power user|biggest power user|biggest energy user|heaviest power user|main user|main offender|main hog|chief culprit|main energy user|top user|top users|largest user|user of electricity|pigs|power pigs|energy pigs|power pig|gluttons|villains|villain|monsters|eaters|power eaters|energy eaters|culprits|offenders|main culprits|drainers|suckers|energy suckers|power suckers|consuming device|consuming devices|consuming appliance|consuming appliances|bigger villain|bigger culprit|bigger hog|bigger user|bigger consumer|bigger guzzler|bigger offender|worse offender|worse culprit|worse hog|bigger eater|bigger drain|guilty|is guilty|who is guilty|guilty for",
    ),
    (
        Cue::QuarterHour,
        "quarter hour|quarter hours|quarter of an hour|quarters of an hour",
    ),
    (Cue::Hour, "hour|hours"),
    (
        Cue::Day,
        "day|days|by weekday|per weekday|each weekday|for each weekday|by day of the week|which weekday|what weekday|which weekdays|which date|what date|on which date|on what date",
    ),
    (Cue::Week, "week|weeks"),
    (Cue::Month, "month|months|by month end|month end|by months end"),
    (Cue::Year, "year|years|by year end|year end"),
    (
        Cue::Compare,
        "compare|compared|comparing|comparison|compares|versus|vs|against|v|compared to|compared with|in comparison|stack up|next to|relative to|head to head|beat|beats|compare with|compares with|compare to",
    ),
    (
        Cue::MoreLess,
        "up or down on|up or down|than|more|less|more than|less than|higher|lower|higher than|lower than|bigger|bigger than|smaller|smaller than|greater|\
         increase|increased|decrease|decreased|going up|going down|gone up|gone down|go up|go down|went up|went down|rise|risen|rose|\
         fall|fallen|fell|dropped|drop|up|down|better|worse|so high|so low|so much|so big|so bad|cheaper than|more expensive than|changed|change|changing|trend|cheaper|dearer|dearer than|pricier|pricier than|costlier|costlier than|steeper|heavier|lighter|worse than|better than|larger|larger than|greater than|fewer|fewer than|rising|falling|climbing|growing|shrinking|creeping up|coming down",
    ),
    (
        Cue::Difference,
        "difference|differ|differs|differed|delta|diff|change between|difference between",
    ),
    (
        Cue::Share,
        "share|percent|percentage|chunk|chunk of|how big a chunk|how big a part|how big a share|how large a part|what chunk|%|fraction|portion|proportion|percentages|percentagewise|percentage wise|percent wise|percent of total|of total|of the total|share of|part of|what part|of all|pct|out of the total|total share|piece|slice|largest piece|biggest piece|biggest slice|largest slice|percentage was",
    ),
    (
        Cue::Breakdown,
        "break down|breakdown|break it down|break that down|break this down|break them down|break those down|split it|split that|split it up|split that up|\
         what makes up|makes up|made up of|what made up|device wise|devicewise|appliance wise|machine wise|broken down|split|split up|by device|per device|by appliance|per appliance|itemise|\
         itemize|itemised|distribution|for each device|single devices|individual devices|individual appliances|each device|for every device|every device|by each device|device by device|\
         each appliance|composition|electricity going to|energy going to|power going to|money going to|electricity go to|power go to|energy go to|money go to|electricity went to|energy went to|power went to|money went to|electricity being used for|power being used for|energy being used for|bill made up of|per machine|by machine|by gadget|per gadget|by plug|per plug|by consumer|per consumer",
    ),
    (
        Cue::Chart,
        "chart|graph|plot|curve|profile|history|show|visualise|visualize|timeline|draw a chart|bar chart|bar graph|bar diagram|series|over time|diagram",
    ),
    (
        Cue::Now,
        "now|rn|right now|currently|at the moment|at this moment|at present|presently|live|this minute|this moment|this second|at this very moment|this instant|atm|current|just now|real time|realtime|instantaneous|present|this very minute|this very second|this very moment|at this very minute|at this very second|as we speak|at this point in time",
    ),
    (
        Cue::On,
        "on now|on at the moment|on at this moment|on at present|switched on|turned on|still on|running|active|off|switched off|still going|going now|still at it|still busy|turned off|still running|plugged in|on right now|powered on|powered|done yet|finished yet|still busy or is it finished|still busy or finished|busy or finished|running or finished|forget to turn off|forget to switch off|forget to cut off|forgot to turn off|shining|lit|lit up|glowing|in function|in operation|in use|left on|leave on|leave|leaving|left running|leave running|going all day|going all night|going all morning|going all evening|going overnight|going the whole day|working at the moment|working right now|working now|is it working|are they working|watching",
    ),
    (
        Cue::Have,
        "what have i in|what have we in|what have i got in|do i have|you monitoring|you tracking|you measuring|do we have|have i got|i have|we have|set up|connected|registered|installed|exist|available|monitored|tracking|are there|being monitored|you know|known|got set up|keeping an eye on|keep an eye on|keeping track of|keep track of|tracked|configured|added|have you got|hooked up|you track|you monitor|you measure|you keep track of",
    ),
    (Cue::Rooms, "room|rooms"),
    (
        Cue::Inventory,
        "list|inventory|list of devices|device list|list my devices|list all devices|list devices|my devices|names of|name all|name the|plugged in in|connected in|list out|list down|listed|devices listed|list everything|everything you are monitoring|everything you monitor|everything you are tracking|everything you track|everything you are measuring|everything you measure|everything that is connected|everything connected|everything you know about|list everything you are monitoring|list everything you monitor|list everything you are tracking|list everything you track|list everything you measure|list everything you are measuring|list everything connected|list everything that is connected|everything you have got a reading|everything you have a reading for|everything you have readings for|everything you have got|everything you have on",
    ),
    (
        Cue::DataRange,
        "earliest date|earliest day|oldest date|how far back|far back|from which date|from what date|since which date|since what date|since when do you have|since when have you|data range|first reading|oldest reading|earliest reading|oldest data|first data|earliest data|\
         how long have you been|data start|data begin|data go|history go|last reading|latest reading|data starts|data begins|how old is|start recording|started recording|begin recording|began recording|\
         start measuring|started measuring|start tracking|started tracking|days of history|months of history|years of history|\
         weeks of history|days of data|months of data|years of data|been recording|been logging|been collecting|been measuring|been tracking|been monitoring|been keeping|started logging|start logging|start collecting|started collecting|started monitoring|start monitoring|how long have you been recording|how long have you been measuring|how long have you been monitoring|how long have you been tracking|how long have you been watching|how long have you been logging|how long have you been collecting|how long is the history|how long is your history|how much history|how long a history|how long does the history|how long does your history|length of the history|length of history|how long is the record|how much data do you have|how long is the data|how long is the history that you have|history that you have|oldest measurement|first measurement|earliest measurement",
    ),
    (
        Cue::Price,
        "tariff|tariffs|price|prices|rate|rates|pay per kwh|cost per kwh|price per kwh|a kwh cost|kwh cost|per kwh|per kilowatt hour|\
         per unit|price of electricity|electricity price|energy price|electricity rate|standing charge|unit rate|rate per unit|base fee|basic fee|basic charge|fixed charge|standing fee|daily charge|kwh price|unit price|pay for a kwh|\
         pay for electricity per kwh|charging me per kwh|charge me per kwh|charging us per kwh|one kwh cost|is a kwh|is one kwh|for a kwh|for one kwh|for a kilowatt hour|for one kilowatt hour|per kilowatthour|for each kwh|for every kwh|each kwh|one kilowatt hour cost|one kilowatt hour|is a kilowatt hour|a kilowatt hour cost",
    ),
    (
        Cue::Zone,
        "timezone are the times in|time zone are the times in|which time zone|what time zone|time zone|timezone|time zones|tz|which zone|zone|what time zone are my days counted in|time zone are my days counted in|days counted in",
    ),
    (Cue::Currency, "currency|what currency|which currency"),
    (
        Cue::Help,
        "help|kinds of questions can|kind of questions can|sort of questions can|sorts of questions can|what kind of stuff can|what stuff can|what can you answer|stuff can you answer|what can you do|what can i ask|what do you do|what all can i ask|what all can i ask you|what all can you do|what can i ask you|how do you work|who are you|what are you|what questions|what else can you do|capabilities|features|what do you know|instructions for use|what can you tell me|what things can you tell me|what can you tell us|what things can i ask|what sort of things can|what kind of things can|what sort of questions|what kind of questions|what type of questions|which questions|what can you answer|what can you help with|what are you able to|what are you capable of|what do you understand|sort of thing can i ask|kind of thing can i ask|type of thing can i ask|what sort of thing|what kind of thing|what can one ask|kinds of questions do you|kind of questions do you|sort of questions do you|questions do you understand",
    ),
    (
        Cue::Greeting,
        "good night|good morning|good evening|good afternoon|how are you|bye|goodbye|see you|that is all|that was all|that will be all|that would be all|that is everything|that was everything|nothing else|nothing more|all good|\
         no thanks|no thank you|that is all i needed|all i needed|that is what i needed|that is all i wanted|that is all i need|have a nice day|have a good day|good day",
    ),
    (
        Cue::AlwaysOn,
        "all the time daytime and nighttime|around the clock|round the clock|no matter what|there s nothing on|theres nothing on|there is nothing on|nothing s on|always on|standby|stand by|base load|baseload|phantom|vampire|idle|background load|always on load|idle load|always running|when nothing is on|nothing is on|everything is off|everything off|all is off|when everything is off|when everything is switched off|everything is switched off|everything is turned off|when nothing is running|nothing is running|nothing running|with everything off|when all is off|when everything is turned off|with everything switched off|with everything turned off|nothing is switched on|nothing at all is switched on|when nothing at all is switched on|nothing at all is on|when nothing at all is on|nothing is turned on|when nothing is turned on|when nothing is switched on|doing nothing|always there|never switches off|never turns off|never goes off|base consumption|phantom load|when everybody is asleep|when everybody asleep|when everyone asleep|everybody asleep|everyone asleep|when everyone is asleep|everybody is asleep|everyone is asleep|when we are asleep|when we are all asleep|while we sleep|when we sleep|while everyone sleeps|while everybody sleeps|while everyone is asleep|while everybody is asleep|when nobody is home|when no one is home|when nobody is up|with nobody home|when nobody is using anything|when nothing is being used|always on stuff|always on devices|always on power|standby power|standby load|standby consumption|ghost load|ghost power|parasitic|at sleep|nothing is going|when nothing is going|nothing going|when nothing happens|all are asleep|we are asleep|when all sleep|just ticking over|ticking over|idling|at idle|resting load|quiescent|when we are sleeping|we are sleeping|everyone is sleeping|everybody is sleeping|all are sleeping|while sleeping|when sleeping|when nobody is doing anything|when no one is doing anything|when nobody is in|when nothing is really being used|nothing is really being used|nothing is being used|when no one is using anything|when everyone sleeps|when nothing is going on|when nobody is around|when no one is around|when nothing is really on|when nothing much is on|non stop|nonstop|even with everybody out|with everybody out|with everyone out|with nobody in|when every one is asleep|when we are out|when everyone is out|when everybody is out|constantly|draw constantly|draws constantly",
    ),
    (Cue::Last, "last|most recently|last time|last run"),
    (
        Cue::PerRun,
        "one full charge|a full charge|full charge|one full wash|one full cycle|one full load|one complete cycle|each full charge|per full charge|per go|per shower|per boil|per bath|per brew|per run|per cycle|per load|per wash|per session|per charge|per use|each run|each cycle|each load|each wash|each session|\
         a cycle|a wash|a load|a session|one run|one cycle|one load|one wash|one session|one charge|one washing|a washing|per washing|each washing|single washing|one charging|single run|single cycle|\
         single load|single wash|per charging session|each time|per time|every time|minutes per run|minutes per load|minutes per cycle|minutes per wash|minutes per charge|minutes per session|minutes per use|hours per run|hours per load|hours per cycle|hours per wash|hours per charge|hours per session|hours per use",
    ),
    (
        Cue::Against(Versus::WeekdaysWeekends),
        "mon fri or sat sun|mon fri versus sat sun|mon fri vs sat sun|weekdays versus weekends|weekdays vs weekends|weekdays v weekends|weekdays against weekends|\
         weekdays compared to weekends|weekdays compared with weekends|weekdays with weekends|weekdays and weekends|\
         weekdays or weekends|weekdays to weekends|weekends versus weekdays|weekends vs weekdays|\
         weekends v weekdays|weekends against weekdays|weekends compared to weekdays|\
         weekends compared with weekdays|weekends with weekdays|weekends and weekdays|weekends or weekdays|\
         weekends to weekdays|weekends than weekdays|weekdays than weekends|weekends than on weekdays|weekdays than on weekends|\
         weekends or on weekdays|weekdays or on weekends|weekday versus weekend|weekdays versus weekend|weekday versus weekends|weekdays versus the weekend|weekdays versus the weekends|weekday vs weekend|weekdays vs weekend|weekday vs weekends|weekdays vs the weekend|weekdays vs the weekends|weekday v weekend|weekdays v weekend|weekday v weekends|weekdays v the weekend|weekdays v the weekends|weekday against weekend|weekdays against weekend|weekday against weekends|weekdays against the weekend|weekdays against the weekends|weekday and weekend|weekdays and weekend|weekday and weekends|weekdays and the weekend|weekdays and the weekends|weekday or weekend|weekdays or weekend|weekday or weekends|weekdays or the weekend|weekdays or the weekends|weekday compared to weekend|weekdays compared to weekend|weekday compared to weekends|weekdays compared to the weekend|weekdays compared to the weekends|weekday compared with weekend|weekdays compared with weekend|weekday compared with weekends|weekdays compared with the weekend|weekdays compared with the weekends|weekend versus weekday|weekends versus weekday|weekend versus weekdays|weekends versus the weekday|weekends versus the weekdays|weekend vs weekday|weekends vs weekday|weekend vs weekdays|weekends vs the weekday|weekends vs the weekdays|weekend v weekday|weekends v weekday|weekend v weekdays|weekends v the weekday|weekends v the weekdays|weekend against weekday|weekends against weekday|weekend against weekdays|weekends against the weekday|weekends against the weekdays|weekend and weekday|weekends and weekday|weekend and weekdays|weekends and the weekday|weekends and the weekdays|weekend or weekday|weekends or weekday|weekend or weekdays|weekends or the weekday|weekends or the weekdays|weekend compared to weekday|weekends compared to weekday|weekend compared to weekdays|weekends compared to the weekday|weekends compared to the weekdays|weekend compared with weekday|weekends compared with weekday|weekend compared with weekdays|weekends compared with the weekday|weekends compared with the weekdays",
    ),
    (
        Cue::Against(Versus::DayNight),
        "daytime versus nighttime|daytime vs nighttime|daytime v nighttime|daytime against nighttime|\
         daytime compared to nighttime|daytime compared with nighttime|daytime with nighttime|daytime and nighttime|\
         daytime or nighttime|daytime to nighttime|nighttime versus daytime|nighttime vs daytime|\
         nighttime v daytime|nighttime against daytime|nighttime compared to daytime|\
         nighttime compared with daytime|nighttime with daytime|nighttime and daytime|nighttime or daytime|\
         nighttime to daytime",
    ),
    (
        Cue::Runs,
        "minutes per|minutes a|number of starts|how many starts|starts|worked|working|washing session|how often|how many times|times|run|runs|ran|cycle|cycles|session|sessions|loads|wash loads|how long|turn on|turned itself on|switch on|come on|\
         came on|turn off|switch off|runtime|run time|operating|was on|were on|been on|hours of|hours was|how many hours|at all|watch|\
         watched|started|start|finish|finished|stop|stopped|first turn on|longest|running hours|time spent|used at all|running time|operate|operated|duration|on at|\
         how many minutes|stay on|stayed on|stays on|stay|stayed|length|charge|kick in|kicked in|kick on|kicked on|shut off|shuts off|knock off|knocked off|get over|got over|went off|go off|cut out|watching|boil|boiled|boils|baked|brewed|\
         ironed|vacuumed|toasted|put on|was put on|were put on|got put on|get put on|switched itself on|turned on by itself|got switched on|get switched on|got turned on|get turned on|fired up|fire up|spin up|spun up|power up|powered up|minutes the|minutes my|minutes our|turned|plug it in|plugged it in|plug in|quit|quits|played",
    ),
    (
        Cue::Unusual,
        "unusual|unusually|abnormal|anomaly|anomalies|anomalous|weird|strange|odd|spike|spikes|usual|normal|normally|typical|typically|usually|out of the ordinary|anything off|something off|anything odd|anything strange|anything weird|anything wrong|suspicious|outlier|outliers|than usual|unexpected|weirdly|strangely|oddly|acting up|behaving|playing up|funny",
    ),
    (
        Cue::Why,
        "why|reason|reasons|cause|caused|causes|causing|explain|explanation|what caused|responsible|because|due to|how come|to blame|at fault|running then|what was running|what happened|blame|what made|what drove|what is driving|what was driving|what pushed|\
         what is behind|what was behind|behind the|driving the",
    ),
    (
        Cue::Forecast,
        "likely|year end up|month end up|week end up|day end up|gonna|forecast|predict|predicted|prediction|projection|projected|project|will|going to|end up|end up with|expected|expect|pace|on track|by the end|headed|estimate|estimated|at this rate|at this pace|current pace|extrapolate|heading for|headed for|heading to|heading towards|if we keep going like this|if i keep going like this|if this continues|if this goes on|if it goes on like this|if things continue like this|if we carry on like this|if i carry on like this|if we go on like this|keep going like this|carry on like this|keep this up|if we keep this up|if i keep this up|if we continue like this|if it continues like this|on course for|do we land|will we land|where will we land|end up at|land at|carries on like so|carries on like this|carries on|goes on like so|continues like so|keeps up|keep going|on current form|at the current pace|like we have been|as things stand|as it stands|heading|at the end of the month|at the end of this month|at the end of the year|at the end of this year|at the end of the week|at the end of this week|when the month is over|when the month ends|by the time the month ends|what might|how much might|might we|might it|are we ok|are we okay|are we good|are we fine|are we safe|are we going to make it|will we make it|make it|be enough|that be enough|will that be enough|close with|close at|finish with|finish at|gonna hit|going to hit|hit this month|if things go on like this|if things go on|if it stays like this|if things stay as they are|if nothing changes|if this keeps up|if things stay like this",
    ),
    (
        Cue::WhatIf,
        "what if|if|would save|would i save|suppose|assuming|imagine|save|saved|saving|savings|would have cost|25 less|say i|say we|would have been paid|would we have paid|would i have paid",
    ),
    (
        Cue::Above,
        "minutes above|minutes over|minutes below|minutes under|hours above|hours over|hours below|hours under|above|exceed|exceeded|sit above|sits above|stay above|stayed above|went above|go above|went over|go over|exceeds|exceeding|below|under|beyond|threshold|over the limit|crossing|crossed|cross|crosses|topped|in excess of|surpassed|surpass|higher than",
    ),
    (
        Cue::Untracked,
        "not have a plug on|no plug on|not got a plug on|without a plug|unaccounted|unaccounted for|not accounted for|unexplained|untracked|not tracked|unmonitored|not monitored|unmetered|\
         not explained|unknown consumption|unknown usage|not covered by|not from any|no device explains|unattributed|\
         not attributed|not be attributed to a device|not be attributed to any device|not be attributed|not on any of the|not on any|not on a plug|not through any|not by any|not in any of the|not measured|not metered|not being tracked|not being measured|not belonging to any|not belong to any|not come from any|not coming from any|no plug explains|not seen by any|not measured by any|not tracked by any|not explained by any|not covered by any|not metered by any|slips through|can not explain|you not explain|not explain|not be explained|can not pin on|not pin on any|can not pin|not assign|not coming under any|not come under any|not under any|not linked to any|not tied to any|not attributable|not allocated|can not attribute|not attribute|can not assign|not belonging to a|not going through any|not on the plugs|not in the devices|nobody explains|no device covers|goes unexplained|left over|leftover|mystery consumption|mystery usage|mystery load|plugs not see|not be pinned on|can not be pinned on|not see|not seen by|do not see|does not see|plugs miss|plugs do not see|not be assigned|not be assigned to any device|not assigned to any device|still not be assigned to any|not assigned to any|assigned to no device|belongs to no device|belong to no device|not you assign to any device|not assign to any device|not be put down to any|not put down to any device|not covered by any of my devices|not covered by any of the devices|not covered by any device",
    ),
    (Cue::Including, "including|included|inclusive|inclusive of"),
    (
        Cue::Part,
        "half|half as much|half as often|half as long|twice as much|twice as often|twice as long|halved|halve|in half|by half|quarter|by a quarter|cut",
    ),
    (
        Cue::Swing,
        "jump|jumped|surge|surged|shot up|shoot up|leap|leapt|dip|dipped|so expensive|so cheap|so little|this high|that high|\
         this much|that much|skyrocketed|soared",
    ),
    (
        Cue::Occasion,
        "christmas|xmas|easter|new year|new years|ramadan|eid|hanukkah|holi|pongal|onam|durga puja|navratri|midsummer|midsummer eve|midsummers eve|carnival|golden week|chinese new year|lunar new year|labor day|labour day|election day|public holiday|bank holiday|national holiday|festive season|the festive season|silly season|holidays|the holidays|holiday season|\
         christmas week|christmas holidays|long weekend|easter holidays|the long day|the short day|long day|short day|25 hour day|\
         23 hour day|holiday week|school holidays|summer holidays|winter holidays|winter|summer|autumn|spring|last winter|last summer|last autumn|last spring|this winter|this summer|\
         this autumn|this spring|over the winter|over the summer|diwali week|holi week|eid week|easter week|thanksgiving week|festival week|xmas week|christmas break|easter break|half term|spring break|winter break|summer break|semester break",
    ),
    (
        Cue::ZeroUse,
        "untouched|not been touched|not touched|never touched|unused|not use|did not use|never got used|not get used|did not get used|never been used|not been used|never turned on|never switched on|never came on|never ran|did not run|not run|not switch on|not turn on|got no use|no use at all|were not used|was not used|not used even once|not worked|not work|did not work|did not worked|never worked|never used|not used|zero use|not used at all|never use|haven t used|idle all|not even switched on|not switched on|not even once|not turned on|not even turned on|not even used|not touched|untouched|never touched|stood unused|stand unused|sat unused|sit unused|gathering dust|stayed off|left unused|stayed unused|have not run|has not run|not been switched on|not been turned on|not been on|not once switched on|not once turned on|not once used|nobody touch|nobody touched|no one touch|no one touched|nobody use|nobody used|no one use|no one used|not a soul used|not a soul touched|did nobody touch|did nobody use|did no one touch|did no one use|nobody switched on|no one switched on|nobody turned on|no one turned on|sat idle|sit idle|stood idle|stand idle|were idle|was idle|lay idle|been idle",
    ),
    (
        Cue::DataQuality,
        "not send data|not send any data|not sending data|not sending any data|not send readings|no data|missing data|missing|gap|gaps|offline|outage|outages|coverage|data quality|send no data|sent no data|dropout|dropouts|incomplete|complete|lost data|stopped sending|drop out|dropped out|reporting|reporting in|drops out|dropping out|drop offline|dropped offline|went offline|go offline|goes offline|lose data|loses data|losing data|lose connection|lost connection|lose its readings|lost its readings|lose readings|lost readings|no readings|had no readings|any readings missing|stop reporting|stopped reporting|stop sending|went silent|go silent|went quiet|go quiet|went dark|lose signal|lost signal|sending data|send data|is there data|\
         is there any data|are there data|do you have data|do we have data|do i have data|any data|hole|holes|blank|blanks|blank spots|interruption|interruptions|missed readings|broken readings|data loss|mess up the data|messed up the data|mess up the readings|messed up the readings|did you miss something|did you miss anything|you miss anything|you miss something|have you missed anything|missed anything|sending any data|sending any readings|sending readings|send any data|sends data|lost any|lose any|lost some|drop any|dropped readings|drop readings|dead spots|last report|last reported|last sent|last heard from|last heard|last seen|last send|checked in|check in|last signal|last contact|a hole in|lose any data|lost any data|lose any readings|lost any readings|miss any readings|miss readings|missed any readings|miss any data|missed data|missed any data|skip readings|skipped readings|skip any readings|skipped any readings|skip any|without data|without any data|without readings|without any readings|with no data|with no readings|days without data|is it all there|all there|holes in|stop reporting at any point|sent nothing|send nothing|sent no readings|sent no data at all|not sent anything|not sent data|leave a hole in|leave a hole|left a hole|left a hole in|leave any holes|leave gaps|leave a gap|leave any gap|leave any gaps|left a gap|left gaps|left any gaps|miss something|missed something|miss anything|lose anything|lost anything",
    ),
    (
        Cue::Electrical,
        "amp|amps|ampere|amperes|volt|volts|voltage|power factor|amperage|frequency|hertz|reactive|apparent power|va|var|mains voltage|electrical current|line voltage|grid voltage|supply voltage",
    ),
    (
        Cue::Solar,
        "solar|pv|export|exported|exporting|import|imported|importing|feeding in|feed in|self consumption|autarky|battery level|state of charge|produced|produce|produces|producing|production|generate|generates|generated|generating|generation|\
         yield|yielded|make|made|makes|sold|grid|making|harvest|harvested|harvesting|captured|delivered|deliver|delivers",
    ),
    (
        Cue::Carbon,
        "co2|carbon|emission|emissions|footprint|greenhouse|climate",
    ),
    (
        Cue::Advice,
        "advice|advise|tip|tips|recommend|recommendation|recommendations|suggest|suggestion|suggestions|should i|should we|reduce|lower my|cut my|cut down|worth getting|is it worth|worth it|how can i|how do i|how could i|how to|optimise|optimize|improve|best time to|efficient|efficiency|replace|worth buying|better to|goal|goals|target|budget|alert|alerts|notify|notification|remind|what brand|which brand|best brand|what make|which model",
    ),
    (
        Cue::Private,
        "neighbour|neighbor|neighbours|neighbors|neighbour s|someone else|somebody else|other user|other users|other people|all users|another user|other homes|other households|other customers|users|user accounts|accounts|email address|email addresses|password|passwords|api key|api keys|token|tokens|credentials|admin|everyone else|other accounts|all homes|all households|every home|every household|of user|usage of user|homes on|phone number|mobile number|contact number|people at|people at number|next door|other flat|other flats|flat above|flat below|apartment above|apartment below|who lives|bank details|card number|account number|date of birth|the unit upstairs|unit upstairs|the unit downstairs|unit downstairs|unit next door|unit above|unit below|people upstairs|people downstairs|family upstairs|family downstairs|folks upstairs|folks downstairs|tenants upstairs|flat upstairs|flat downstairs|apartment upstairs|apartment downstairs|they pay|do they pay|how much they pay",
    ),
    (
        Cue::Injection,
        "ignore all|ignore previous|ignore all previous|ignore the previous|ignore your|disregard|system prompt|prompt|jailbreak|developer mode|pretend|act as|instructions|drop table|select from|override|roleplay|you are now|sudo|previous instructions|hidden instructions|source code|shell|execute",
    ),
    (
        Cue::OffTopic,
        "gas|water|poem|joke|jokes|story|song|sing|lyrics|python|javascript|rust function|code|function|program|script|weather|recipe|cook|capital|\
         president|prime minister|translate|translation|news|stock|stocks|bitcoin|football|soccer|movie|film|restaurant|pizza|essay|write|\
         rain|temperature|meaning of life|love|god|world cup|won|history of|country|city|planet|moon|math|equation|solve|sort|sorts|haiku|riddle|\
         novel|homework|dinner|lunch|birthday|gold|petrol|diesel|exchange rate|interest rate|mortgage|horoscope|politics|election|war|actor|game|trivia|flight|hotel|email to|holiday",
    ),
    (
        Cue::Definition,
        "what is a|what is an|define|definition|meaning of|mean by|stand for|stands for|difference between kw and kwh|what is one",
    ),
];

/// Verbs that begin a command.
pub(crate) const COMMANDS: &[&str] = &[
    "turn",
    "switch",
    "set",
    "delete",
    "remove",
    "create",
    "add",
    "rename",
    "dim",
    "start",
    "stop",
    "open",
    "close",
    "shut",
    "enable",
    "disable",
    "activate",
    "deactivate",
    "charge",
    "schedule",
    "change",
    "update",
    "reset",
    "book",
    "order",
    "buy",
    "call",
    "play",
    "send",
    "email",
    "export",
    "import",
    "download",
    "lower",
    "raise",
    "increase",
    "decrease",
    "unlock",
    "lock",
    "reboot",
    "restart",
    "install",
    "erase",
    "wipe",
    "drop",
    "kill",
    "run",
    "put",
    "leave",
    "make",
    "recharge",
];

/**
 * The messages in English, in Unicode MessageFormat 2. A key begins with the place that shows it. `$left`, `$spent` and
 * other amounts are written with their currency, and `$percent` with its sign. `:count` is a number with plural forms.
 */
export const english = {
  language: 'en',
  direction: 'ltr',
  checkedByNativeReader: false,
  messages: {
    'list.more': '{$list} and {$count :count} more',
    'list.rest': 'And {$count :count} more.',
    'list.sentence': '{$list}.',
    'text.sentences': '{$first} {$second}',
    'text.labelled': '{$label}: {$text}',
    'text.phrases': '{$first}, {$second}',

    'figure.moreThan': 'more than {$number}',

    'period.week': 'week of {$day}',
    'period.quarter':
      '.input {$quarter :string} .match $quarter 1 {{first quarter of {$year}}} 2 {{second quarter of {$year}}} 3 {{third quarter of {$year}}} * {{fourth quarter of {$year}}}',
    'period.daysLeft':
      '.input {$period :string} .input {$days :count} .match $period $days weekly one {{{$days} day left this week}} weekly * {{{$days} days left this week}} monthly one {{{$days} day left this month}} monthly * {{{$days} days left this month}} quarterly one {{{$days} day left this quarter}} quarterly * {{{$days} days left this quarter}} yearly one {{{$days} day left this year}} yearly * {{{$days} days left this year}} * one {{{$days} day to go}} * * {{{$days} days to go}}',

    'alert.subject': '{$name}, {$period}',
    'alert.share':
      '.input {$period :string} .match $period daily {{{$percent} of the daily budget}} weekly {{{$percent} of the weekly budget}} monthly {{{$percent} of the monthly budget}} quarterly {{{$percent} of the quarterly budget}} yearly {{{$percent} of the yearly budget}} * {{{$percent} of the budget}}',
    'alert.times':
      '.input {$period :string} .match $period daily {{{$times} times the daily budget}} weekly {{{$times} times the weekly budget}} monthly {{{$times} times the monthly budget}} quarterly {{{$times} times the quarterly budget}} yearly {{{$times} times the yearly budget}} * {{{$times} times the budget}}',
    'alert.shareNothing': 'nothing was left of the budget',
    'alert.gistNothing': '{$name} with nothing left of its budget',
    'alert.gist': '{$name} at {$percent}',
    'alert.gistTimes': '{$name} at {$times} times the budget',
    'alert.gistPast': '{$name} ({$period})',
    'alert.spent': '{$spent} of {$budget} spent, {$balance}',
    'alert.refunded': 'more came back than was spent, {$balance}',
    'alert.left': '{$left} left',
    'alert.leftToday': '{$left} left today',
    'alert.leftPerDay':
      '.input {$days :count} .match $days one {{{$left} left, about {$perDay} for {$days} day}} * {{{$left} left, about {$perDay} a day for {$days} days}}',
    'alert.leftLastDay':
      '.input {$period :string} .match $period weekly {{{$left} left for the last day of the week}} monthly {{{$left} left for the last day of the month}} quarterly {{{$left} left for the last day of the quarter}} yearly {{{$left} left for the last day of the year}} * {{{$left} left for the last day}}',
    'alert.leftDays': '{$left} left, with {$daysLeft}',
    'alert.over': '{$over} over',
    'alert.overToday': '{$over} over today',
    'alert.overDays': '{$over} over, with {$daysLeft}',
    'alert.none': 'nothing left',
    'alert.noneToday': 'nothing left today',
    'alert.noneDays': 'nothing left, with {$daysLeft}',
    'alert.tipped':
      '.input {$who :string} .input {$how :string} .match $who $how merchant over {{{$name}, {$amount}, took it over {$level}.}} merchant * {{{$name}, {$amount}, took it to {$level}.}} category over {{An expense of {$amount} in {$name} took it over {$level}.}} category * {{An expense of {$amount} in {$name} took it to {$level}.}} * over {{An expense of {$amount} took it over {$level}.}} * * {{An expense of {$amount} took it to {$level}.}}',
    'alert.carried': '{$amount} of the budget is carried over.',
    'alert.carriedLess': 'The budget is {$amount} smaller, because the last one was exceeded.',
    'alert.critical': 'Critical.',
    'alert.criticalMail': 'Critical: such an alert may come in quiet hours, unless you switch that off.',
    'alert.late': 'A late expense changed the total of {$period}.',
    'forecast.title':
      '.input {$reach :string} .match $reach budget {{{$name} will probably use up its budget}} * {{{$name} will probably reach {$level} of its budget}}',
    'forecast.share':
      '.input {$reach :string} .match $reach budget {{the budget will probably be used up}} * {{probably {$level} of the budget}}',
    'forecast.ends':
      '.input {$period :string} .match $period weekly {{probably {$range} by the end of the week}} monthly {{probably {$range} by the end of the month}} quarterly {{probably {$range} by the end of the quarter}} yearly {{probably {$range} by the end of the year}} * {{probably {$range} by the end}}',
    'forecast.range': '{$low} to {$high}',
    'recovery.title': '{$name} is back below {$level}',
    'recovery.titlePast': '{$name}, {$period}, is back below {$level}',

    'anomaly.unusualTitle': '{$amount} at {$merchant} is unusually much',
    'anomaly.unusual':
      '.input {$basis :string} .match $basis merchant {{{$amount} at {$merchant} on {$day} is the largest charge of its category since {$since}. Usual there is about {$expected}.}} category {{{$amount} at {$merchant} on {$day} is the largest charge of its category since {$since}. Usual in it is about {$expected}.}} * {{{$amount} at {$merchant} on {$day} is the largest charge of its category since {$since}. Your usual charge is about {$expected}.}}',
    'anomaly.duplicateTitle': '{$merchant} charged {$amount} twice',
    'anomaly.duplicate':
      '{$merchant} charged {$amount} on {$other} and again on {$day}. If you bought once, ask there for a refund.',
    'anomaly.duplicateSameDay':
      '{$merchant} charged {$amount} twice on {$day}. If you bought once, ask there for a refund.',
    'anomaly.priceTitle': '{$merchant} now costs {$amount} instead of {$expected}',
    'anomaly.price':
      '.input {$charges :string} .match $charges one {{{$merchant} charged {$amount} on {$day}, so far once, and {$expected} before. At that price it costs {$more} more a year.}} * {{{$merchant} has charged {$amount} since {$day}, and {$expected} before. That is {$more} more a year.}}',
    'anomaly.missedTitle': '{$merchant} has not charged {$amount} as usual',
    'anomaly.missed':
      '{$merchant} was expected to charge about {$amount} on {$day}, and has not. It may have ended, or a payment may have failed.',
    'anomaly.newTitle': '{$merchant} is a new recurring charge of {$amount}',
    'anomaly.new':
      '.input {$cadence :string} .match $cadence weekly {{{$merchant} charges about {$amount} every week. The charge of {$day} made it one.}} fortnightly {{{$merchant} charges about {$amount} every two weeks. The charge of {$day} made it one.}} quarterly {{{$merchant} charges about {$amount} every three months. The charge of {$day} made it one.}} yearly {{{$merchant} charges about {$amount} every year. The charge of {$day} made it one.}} * {{{$merchant} charges about {$amount} every month. The charge of {$day} made it one.}}',
    'anomaly.several':
      '.input {$count :count} .match $count one {{{$count} charge needs a look}} * {{{$count} charges need a look}}',
    'anomaly.withNews': '{$news}, {$charges}',

    'rollUp.need':
      '.input {$count :count} .match $count one {{{$count} budget needs a look}} * {{{$count} budgets need a look}}',
    'rollUp.down':
      '.input {$count :count} .match $count one {{{$count} budget has come down}} * {{{$count} budgets have come down}}',
    'rollUp.both':
      '.input {$need :count} .input {$down :count} .match $need $down one one {{{$need} budget needs a look and {$down} has come down}} one * {{{$need} budget needs a look and {$down} have come down}} * one {{{$need} budgets need a look and {$down} has come down}} * * {{{$need} budgets need a look and {$down} have come down}}',
    'rollUp.sinceYesterday': '{$news} since yesterday',
    'rollUp.sinceLastWeek': '{$news} since last week',
    'rollUp.since': '{$news} since {$day}',
    'rollUp.empty': 'Your budgets',
    'rollUp.nothing': 'Nothing needs a look.',
    'rollUp.waited': 'These waited until now, so as not to disturb you.',
    'rollUp.waitedOne': 'This waited until now, so as not to disturb you.',

    'summary.yesterday': 'Yesterday',
    'summary.lastWeek': 'Last week',
    'summary.compared': '{$title}, {$comparison}',
    'summary.withNews': '{$title}; {$news}',
    'summary.more':
      '.input {$base :string} .match $base weekday {{{$percent} more than on a usual weekday}} weekend {{{$percent} more than on a usual weekend day}} * {{{$percent} more than the week before}}',
    'summary.less':
      '.input {$base :string} .match $base weekday {{{$percent} less than on a usual weekday}} weekend {{{$percent} less than on a usual weekend day}} * {{{$percent} less than the week before}}',
    'summary.same':
      '.input {$base :string} .match $base weekday {{about as much as on a usual weekday}} weekend {{about as much as on a usual weekend day}} * {{about as much as the week before}}',
    'summary.farMore':
      '.input {$base :string} .match $base weekday {{far more than on a usual weekday}} weekend {{far more than on a usual weekend day}} * {{far more than the week before}}',
    'summary.largestDay': 'more than on any other day of the last 60 days',
    'summary.bills': '{$amount} of it bills',
    'summary.rest': 'the rest {$comparison}',
    'summary.due': 'Due in the next seven days',
    'summary.dueItem': '{$name} ({$amount}, {$day})',
    'summary.setAside': 'Your quarterly and yearly bills come to about {$amount} a month: put it aside.',
    'summary.advice': 'New advice: {$title}.',
    'summary.budgetAhead': '{$name} will probably end at {$range}, and its budget is {$budget}.',
    'summary.refunded': 'more came back than was spent',
    'summary.expenses':
      '.input {$count :count} .match $count one {{{$count} expense}} * {{{$count} expenses}}',
    'summary.alerts': '.input {$count :count} .match $count one {{{$count} alert}} * {{{$count} alerts}}',
    'summary.item': '{$name} ({$amount})',
    'summary.budgetItem': '{$name} at {$share}',
    'summary.categories': 'By category',
    'summary.largest': 'Largest payments',
    'summary.budgets': 'Budgets',
    'summary.largestShort': 'Largest',
    'summary.late':
      '.input {$count :count} .match $count one {{{$count} expense of an earlier day, {$total}, was posted since the summary before.}} * {{{$count} expenses of earlier days, {$total} in all, were posted since the summary before.}}',
    'summary.lateLevel': '{$rule} reached {$percent} ({$period}).',
    'summary.unrated':
      '.input {$count :count} .match $count one {{{$count} expense is left out, because no exchange rate is known for it.}} * {{{$count} expenses are left out, because no exchange rate is known for them.}}',
    'summary.unratedBudgets': 'Budgets leave out expenses without an exchange rate',
    'summary.unratedBudget': '{$name} {$count :count}',
    'summary.budget': '{$percent} of {$budget}',
    'summary.budgetNothing': '{$spent} of {$budget}',
    'summary.budgetTimes': '{$times} times {$budget}',

    'alert.ofBudget': 'of {$budget}',
    'alert.refundedShare': 'More came back than was spent',
    'bounce.emailTitle': 'Please check your email address',
    'bounce.email':
      'We could not reach you by email at {$address}; it bounced. Check the address in your settings.',
    'bounce.smsTitle': 'Please check your phone number',
    'bounce.sms':
      'We could not reach you by SMS at {$address}; it did not arrive. Check the number in your settings.',

    'push.title': '{$sender}: {$title}',
    'sms.text': '{$sender}: {$text} Reply STOP to end texts.',
    'sms.textWithLink': '{$sender}: {$text} {$link} Reply STOP to end texts.',

    'mail.whyAlert': 'You get this because you have an alert at {$level} of this budget.',
    'mail.whyForecast':
      'You get this because this budget has an alert for when it will probably reach {$level}.',
    'mail.whyRecovery': 'You get this because you asked to hear when this budget comes down again.',
    'mail.whyAnomaly':
      'You get this because charges that are out of the ordinary are told to you. You may switch each kind off.',
    'mail.whyAlerts': 'You get this because you have alerts on these budgets.',
    'mail.whyDaily': 'You get this because your daily summary is on.',
    'mail.whyWeekly': 'You get this because your weekly summary is on.',
    'mail.see': 'See this message and why you got it',
    'mail.stopAll': 'Stop all mails',
    'mail.stopRule': 'Stop mails about this budget',
    'mail.stopRules': 'Stop mails about these budgets',
    'mail.stopDaily': 'Stop the daily summary',
    'mail.stopWeekly': 'Stop the weekly summary',

    'comparison.spent': '{$amount} in {$month}',
    'comparison.nothing': 'nothing spent in {$month}',
    'comparison.people':
      '.input {$count :count} .match $count one {{the average of {$count} person}} * {{the average of {$count} people}}',
    'comparison.own':
      '.input {$months :count} .match $months one {{the month before}} * {{your average of the {$months} months before}}',
    'comparison.below': '{$spent}, {$percent} below {$reference} ({$amount})',
    'comparison.above': '{$spent}, {$percent} above {$reference} ({$amount})',
    'comparison.times': '{$spent}, {$times} times {$reference} ({$amount})',
    'comparison.same': '{$spent}, about the same as {$reference} ({$amount})',
    'comparison.beside': '{$spent}; beside it {$reference} ({$amount})',
    'comparison.most': '{$sentence}; most of them spent less',
    'comparison.first': '{$spent}; there is no earlier month of yours to compare it with yet',
    'comparison.afterNothing':
      '.input {$months :count} .match $months one {{{$spent}, after nothing in the month before}} * {{{$spent}, after nothing in the {$months} months before}}',

    'advice.toSave': 'about {$saving} a month to save',
    'advice.consolidation':
      '.input {$count :count} .match $count one {{{$elsewhere} of {$total} went to {$count} merchant other than {$name} from {$first} to {$last}. Whether one place is cheaper was not measured.}} * {{{$elsewhere} of {$total} went to {$count} merchants other than {$name} from {$first} to {$last}. Whether one place is cheaper was not measured.}}',
    'advice.seeWhether': 'See whether {$name} has what you get at {$merchant}.',
    'advice.askAt': 'Ask at {$name} for a loyalty card or a better price: {$spent} in 90 days is worth one.',
    'advice.merchant': '{$name}, {$spent} in 90 days',
    'advice.risen': '{$percent} more a month than before',
    'advice.doubled': '{$now} a month, {$before} before',
    'advice.trend':
      '{$now} a month {$spanNow}, {$before} a month {$spanBefore}. Back there, {$saving} a month would be left.',
    'advice.rise':
      '{$now} a month {$spanNow}, {$before} a month {$spanBefore}, without recurring charges. Part of such a rise usually fades by itself. About {$saving} a month of it will probably stay unless you spend less.',
    'advice.span': 'from {$first} to {$last}',
    'advice.aimFor': 'Aim for {$before} a month, as {$spanBefore}.',
    'advice.toStay': 'If it is there to stay, give it a budget: {$now} a month.',
    'advice.notToStay': 'If it is not, aim for {$before} a month, as {$spanBefore}.',
    'advice.uneven': 'from {$least} to {$most} a month',
    'advice.volatility':
      '{$mean} a month on average, but {$least} in {$leastMonth} and {$most} in {$mostMonth}. Without the peaks, about {$saving} a month would be left.',
    'advice.planWith': 'Plan with {$mean} a month, what it comes to on average.',
    'advice.lookAt':
      '.input {$count :count} .match $count one {{Look at {$month} first: {$spent} in {$count} purchase.}} * {{Look at {$month} first: {$spent} in {$count} purchases.}}',
    'advice.beginWhere': 'Begin where most goes: {$merchant}.',

    'confirm.title': '{$sender}: confirm your address',
    'confirm.preheader': 'Alerts about your spending come to this address once you confirm it.',
    'confirm.heading': 'Confirm your address',
    'confirm.text':
      '{$sender} would like to send alerts about your spending to this address. They begin once you confirm it. The link works for seven days.',
    'confirm.action': 'Confirm this address',
    'confirm.note':
      'If you did not expect this, ignore it. Nothing happens then, and the address is not used.',
    'confirm.sms': '{$sender}: for alerts here open {$link} Ignore this and nothing happens.',

    'page.brand': 'Spendwatch',
    'page.title': '{$title} · {$brand}',
    'link.brokenTitle': 'This link does not work',
    'link.broken':
      'It may have been cut short on its way, or be too old. Open it from the message once more, or change your preferences in the app.',

    'stop.ask':
      '.input {$subject :string} .input {$channel :string} .match $subject $channel rule email {{Stop mails about this budget?}} rule sms {{Stop text messages about this budget?}} rule * {{Stop push notifications about this budget?}} rules email {{Stop mails about these budgets?}} rules sms {{Stop text messages about these budgets?}} rules * {{Stop push notifications about these budgets?}} daily_summary * {{Stop the daily summary?}} weekly_summary * {{Stop the weekly summary?}} * email {{Stop all mails?}} * sms {{Stop all text messages?}} * * {{Stop all push notifications?}}',
    'stop.text':
      '.input {$subject :string} .match $subject channel {{Nothing more comes this way, not even critical alerts. In the app you can still find everything.}} * {{Everything else still comes. In the app you can still find all messages.}}',
    'stop.button':
      '.input {$subject :string} .input {$channel :string} .match $subject $channel rule email {{Stop mails about this budget}} rule sms {{Stop text messages about this budget}} rule * {{Stop push notifications about this budget}} rules email {{Stop mails about these budgets}} rules sms {{Stop text messages about these budgets}} rules * {{Stop push notifications about these budgets}} daily_summary * {{Stop the daily summary}} weekly_summary * {{Stop the weekly summary}} * email {{Stop all mails}} * sms {{Stop all text messages}} * * {{Stop all push notifications}}',
    'stop.fewer':
      '.input {$subject :string} .match $subject daily_summary {{Weekly instead}} rules {{At most one message a day about them}} * {{At most one message a day about it}}',
    'stop.done':
      '.input {$subject :string} .input {$channel :string} .match $subject $channel rule email {{You get no more mails about this budget}} rule sms {{You get no more text messages about this budget}} rule * {{You get no more push notifications about this budget}} rules email {{You get no more mails about these budgets}} rules sms {{You get no more text messages about these budgets}} rules * {{You get no more push notifications about these budgets}} daily_summary * {{You get no more daily summaries}} weekly_summary * {{You get no more weekly summaries}} * email {{You get no more mails}} * sms {{You get no more text messages}} * * {{You get no more push notifications}}',
    'stop.doneText':
      '.input {$subject :string} .match $subject rule {{One that is on its way may still arrive. In the app you can still find everything, and change this in the settings of the budget.}} rules {{One that is on its way may still arrive. In the app you can still find everything, and change this in the settings of the budgets.}} * {{One that is on its way may still arrive. In the app you can still find everything, and change this in your preferences.}}',
    'stop.fewerDone':
      '.input {$subject :string} .match $subject daily_summary {{You get the weekly summary instead}} rules {{You get at most one message a day about these budgets}} * {{You get at most one message a day about this budget}}',
    'stop.fewerText':
      '.input {$subject :string} .match $subject daily_summary {{In the app you can change this in your preferences.}} * {{It comes only on days on which nothing else came before, unless it is critical. Your summary names the rest. In the app you can change this in the settings of the budget.}}',
    'stop.undo': 'Undo',

    'confirm.ask':
      '.input {$channel :string} .match $channel email {{Confirm your email address?}} * {{Confirm your phone number?}}',
    'confirm.askText':
      '.input {$channel :string} .match $channel email {{Alerts about your spending will then come to you by email. If you did not expect this, close the page: the email address is not used.}} * {{Alerts about your spending will then come to you by text message. If you did not expect this, close the page: the phone number is not used.}}',
    'confirm.button':
      '.input {$channel :string} .match $channel email {{Confirm email address}} * {{Confirm phone number}}',
    'confirm.done':
      '.input {$channel :string} .match $channel email {{Your email address is confirmed}} * {{Your phone number is confirmed}}',
    'confirm.doneText':
      '.input {$channel :string} .match $channel email {{Alerts about your spending now come to you by email. You can close this page.}} * {{Alerts about your spending now come to you by text message. You can close this page.}}',
    'confirm.broken':
      'If you have confirmed already, there is nothing left to do. A link works once, for seven days, and only the newest one does. Open the one in the newest message, or enter your address again in the app that asked for it.',

    'notice.why': 'Why you got this',
    'notice.reached':
      '.input {$type :string} .match $type recovery {{On {$at} spending fell below {$level} of this budget.}} forecast {{On {$at} it became likely that spending will reach {$level} of this budget.}} * {{On {$at} spending reached {$level} of this budget.}}',
    'notice.made':
      '.input {$type :string} .match $type daily_summary {{Your daily summary was due on {$at}.}} weekly_summary {{Your weekly summary was due on {$at}.}} roll_up {{Several messages were put into one on {$at}.}} address_bounced {{A message to you came back on {$at}.}} anomaly {{A charge out of the ordinary was found on {$at}.}} * {{It was made on {$at}.}}',
    'notice.waited': 'It waited from then until {$at}, so as not to disturb you.',
    'notice.until':
      '.input {$reason :string} .match $reason quiet_hours {{It waits until {$at}, when your quiet hours end.}} snoozed {{It waits until {$at}, when the pause that you set ends.}} daily_cap {{You had got as many messages as you want in a day, so it waits for your next summary, on {$at}.}} ceiling {{So many messages had gone out that it waits for your next summary, on {$at}.}} grouped {{It waits until {$at} for others, so that they are one message.}} * {{It waits until {$at}.}}',
    'notice.merged':
      '.input {$reason :string} .match $reason quiet_hours {{It came in your quiet hours, so it was told later, in one message with others.}} snoozed {{It came while you had paused messages, so it was told later, in one message with others.}} daily_cap {{You had got as many messages as you want in a day, so it was told later, in one message with others.}} ceiling {{So many messages had gone out that it was told later, in one message with others.}} grouped {{It came together with others, so they were told in one message.}} * {{It was told in one message with others.}}',
    'notice.with': 'Told with it',
    'notice.silent':
      '.input {$reason :string} .match $reason muted {{It is in the app alone, because this budget is muted.}} on_pace {{It is in the app alone, because the budget will probably hold.}} snoozed {{It is in the app alone, because you had paused messages.}} no_channel {{It is in the app alone, because no other way to reach you was open.}} * {{It is in the app alone.}}',
    'notice.cancelled':
      '.input {$reason :string} .match $reason no_longer_reached {{It was not sent, because spending had fallen below the level again.}} already_read {{It was not sent, because you had read it.}} overtaken {{It was not sent, because a graver level had been reached.}} reached_again {{It was not sent, because the level had been reached again.}} rule_disabled {{It was not sent, because the budget was switched off.}} no_longer_holds {{It was not sent, because it did not hold any more.}} * {{It was not sent.}}',
    'notice.failed': 'It could not be delivered outside the app.',
    'notice.ways': 'How it was sent',
    'notice.parts': 'In this message',
    'notice.part':
      '.input {$reason :string} .match $reason quiet_hours {{{$title}. It came on {$at}, in your quiet hours.}} snoozed {{{$title}. It came on {$at}, while you had paused messages.}} daily_cap {{{$title}. It came on {$at}, when you had got as many messages as you want in a day.}} ceiling {{{$title}. It came on {$at}, when very many messages had gone out.}} * {{{$title}. It came on {$at}.}}',
    'notice.channel':
      '.input {$channel :string} .match $channel email {{Email}} sms {{Text message}} push {{Push notification}} * {{App}}',
    'notice.sent':
      '.input {$status :string} .match $status delivered {{arrived, sent on {$at}}} bounced {{sent on {$at}, came back}} * {{sent on {$at}}}',
    'notice.notSent':
      '.input {$status :string} .input {$reason :string} .match $status $reason failed * {{could not be sent}} bounced * {{came back}} unknown * {{it is not known whether it arrived}} skipped opted_out {{not used, because you switched it off}} skipped no_address {{not used, because no address is known}} skipped not_confirmed {{not used, because the address is not confirmed}} skipped bounced {{not used, because an earlier message came back}} skipped not_configured {{not used by this service}} skipped ceiling {{not used, because so many messages had gone out}} skipped muted {{not used, because this budget is muted}} skipped on_pace {{not used, because the budget will probably hold}} skipped snoozed {{not used, because you had paused messages}} skipped rule_disabled {{not used, because the budget was switched off}} skipped no_longer_reached {{not used, because spending had fallen below the level again}} skipped already_read {{not used, because you had read it}} skipped overtaken {{not used, because a graver level had been reached}} skipped reached_again {{not used, because the level had been reached again}} skipped no_longer_holds {{not used, because it did not hold any more}} skipped * {{not used}} pending quiet_hours {{waits until your quiet hours end}} pending snoozed {{waits until the pause that you set ends}} * * {{on its way}}',
    'why.level':
      '.input {$outcome :string} .input {$basis :string} .match $outcome $basis no_rate * {{An expense is left out of {$name}.}} rule_changed * {{The alert at {$level} of {$name} ended.}} resolved forecast {{{$name} will probably not reach {$level} of its budget of {$budget} any more.}} resolved * {{{$name} fell below {$level} of its budget of {$budget} again, with {$spent} spent.}} * forecast {{{$name} will probably reach {$level} of its budget of {$budget}.}} * * {{{$name} reached {$level} of its budget of {$budget}, with {$spent} spent.}}',
    'why.decided':
      '.input {$outcome :string} .input {$with :string} .match $outcome $with notified * {{A message was made of it.}} superseded * {{It was not told by itself, because another level speaks for it or it fell again at once.}} deduplicated time {{You had heard of it not long before, so it is told on {$at} if it still holds.}} deduplicated * {{You had heard of it in this period, so it was not told again.}} muted * {{It is in the app alone, because this budget is muted.}} snoozed * {{You had paused messages, so mails, text messages and push notifications wait until the pause ends.}} on_pace * {{It is in the app alone, because the budget will probably hold.}} past_period * {{It was not told by itself, because the period that began on {$start} had been over too long.}} no_rate * {{No exchange rate is known for its currency.}} rule_changed * {{The budget was changed, so its levels were measured anew.}} resolved message {{You asked to hear of that, so a message was made of it.}} resolved * {{This is told only where you ask for it.}} * * {{It was not told.}}',
    'why.expense':
      '.input {$who :string} .input {$kind :string} .match $who $kind merchant refund {{{$name} gave back {$amount} on {$at}.}} merchant * {{An expense of {$amount} at {$name} was made on {$at}.}} category refund {{A refund of {$amount} in {$name} was made on {$at}.}} category * {{An expense of {$amount} in {$name} was made on {$at}.}} * * {{An expense changed spending that has been deleted since.}}',
    'why.delivery': '{$title}. {$way}.',
    'why.waited': '{$title}. It had waited since {$at}. {$way}.',
    'notice.foot': 'This page shows one message and changes nothing. It works until {$at}.',
  },
} as const;

/**
 * Chains, and how card schemes shorten their names. Their statements add a branch, product or department
 * after the name, all of which is removed. The branches of an unlisted chain stay separate. Names with a
 * second meaning are left out.
 */

/** Names that card schemes and processors shorten or join. They are folded and without spaces. */
const shortened: Readonly<Record<string, string>> = {
  AMZN: 'AMAZON',
  AMZNMKTP: 'AMAZON',
  AMZNMKTPLACE: 'AMAZON',
  AMZNPRIME: 'AMAZON',
  AMAZONPRIME: 'AMAZON',
  AMAZONMKTPLACE: 'AMAZON',
  AMAZONMARKETPLACE: 'AMAZON',
  AMZNDIGITAL: 'AMAZON',
  MSFT: 'MICROSOFT',
  WHOLEFDS: 'WHOLEFOODS',
  WHOLEFOODSMARKET: 'WHOLEFOODS',
  WHOLEFOODSMKT: 'WHOLEFOODS',
  WMSUPERCENTER: 'WALMART',
  WALMARTSUPERCENTER: 'WALMART',
  MCD: 'MCDONALDS',
  MCDONALD: 'MCDONALDS',
  SBUX: 'STARBUCKS',
  SAINSBURY: 'SAINSBURYS',
  JSAINSBURY: 'SAINSBURYS',
  MORRISON: 'MORRISONS',
  WMMORRISON: 'MORRISONS',
  WMMORRISONS: 'MORRISONS',
  WILLIAMMORRISON: 'MORRISONS',
  MARKSSPENCER: 'MARKSSPENCER',
  MARKSANDSPENCER: 'MARKSSPENCER',
  MARKSSPENCERS: 'MARKSSPENCER',
  COOPGROUPFOOD: 'COOP',
  NETFLIXCOM: 'NETFLIX',
  SPOTIFYUK: 'SPOTIFY',
  UBEREATS: 'UBEREATS',
  HELPUBER: 'UBER',
  THEUPSSTORE: 'UPS',
  UPSSTORE: 'UPS',
};

const listed = `
  AMAZON TESCO ASDA SAINSBURYS MORRISONS WAITROSE LIDL ALDI CARREFOUR AUCHAN LECLERC INTERMARCHE MONOPRIX REWE EDEKA KAUFLAND
  ALBERTHEIJN JUMBOSUPERMARKT DELHAIZE COLRUYT MERCADONA ESSELUNGA BIEDRONKA MIGROS WALMART COSTCO KROGER SAFEWAY
  WALGREENS PUBLIX WOOLWORTHS WHOLEFOODS TRADERJOES MCDONALDS BURGERKING KFC STARBUCKS COSTACOFFEE GREGGS NANDOS SUBWAY
  DOMINOS DOMINOSPIZZA PIZZAHUT PIZZAEXPRESS CHIPOTLE DUNKIN TIMHORTONS PRETAMANGER WETHERSPOON JDWETHERSPOON
  ESSO SHELL BP TEXACO CHEVRON EXXONMOBIL ARAL REPSOL APPLEGREEN 7ELEVEN IKEA DECATHLON SCREWFIX TOOLSTATION WICKES
  HOMEBASE HALFORDS ARGOS POUNDLAND WILKO PRIMARK CURRYS SPORTSDIRECT BQ HOMEDEPOT LOWES BESTBUY LEROYMERLIN OBI
  WALGREEN CVS NOVOTEL TRAVELODGE PREMIERINN HOLIDAYINN RADISSON MARRIOTT UBER LYFT NETFLIX SPOTIFY ADOBE MICROSOFT EBAY
  ETSY AIRBNB DOORDASH DELIVEROO GRUBHUB EASYJET RYANAIR FEDEX UPS USPS DHL HERTZ EUROPCAR VODAFONE TMOBILE
  スターバックス セブンイレブン ローソン ファミリーマート マクドナルド 星巴克 肯德基 麦当劳 ПЯТЕРОЧКА МАГНИТ`;

const chains: ReadonlyMap<string, string> = new Map([
  ...listed
    .trim()
    .split(/\s+/)
    .map((name): [string, string] => [name, name]),
  ...Object.entries(shortened),
]);

const longestName = 4;

/** Finds the chain that the first words name. The longest match wins: `UBER EATS` before `UBER`. */
export function chainOf(words: readonly string[]): string | null {
  for (let count = Math.min(longestName, words.length); count > 0; count -= 1) {
    const chain = chains.get(words.slice(0, count).join(''));
    if (chain !== undefined) return chain;
  }
  return null;
}

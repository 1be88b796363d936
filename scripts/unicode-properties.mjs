// Writes src/JsonSchema/Patterns/unicode-properties.txt: the code points of the scripts and binary properties that patterns
// (ECMA-262, \p{...}) name and .NET has no table of. Node.js is the source, so the Unicode version is that of its ICU.
// Run: node scripts/unicode-properties.mjs
import { writeFileSync } from 'node:fs';

const scripts = `Adlm Aghb Ahom Arab Armi Armn Avst Bali Bamu Bass Batk Beng Bhks Bopo Brah Brai Bugi Buhd Cakm Cans Cari Cham Cher
Chrs Copt Cprt Cyrl Deva Diak Dogr Dsrt Dupl Egyp Elba Elym Ethi Geor Glag Gong Gonm Goth Gran Grek Gujr Guru Hang Hani Hano Hatr
Hebr Hira Hluw Hmng Hmnp Hung Ital Java Kali Kana Khar Khmr Khoj Kits Knda Kthi Lana Laoo Latn Lepc Limb Lina Linb Lisu Lyci Lydi
Mahj Maka Mand Mani Marc Medf Mend Merc Mero Mlym Modi Mong Mroo Mtei Mult Mymr Nand Narb Nbat Newa Nkoo Nshu Ogam Olck Orkh Orya
Osge Osma Ougr Palm Pauc Perm Phag Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb Saur Sgnw Shaw Shrd Sidd Sind Sinh Sogd Sogo
Sora Soyo Sund Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Telu Tfng Tglg Thaa Thai Tibt Tirh Tnsa Toto Ugar Vaii Vith Wara Wcho
Xpeo Xsux Yezi Yiii Zanb Zinh Zyyy`.split(/\s+/);
const names = {
  Adlm: 'Adlam', Bali: 'Balinese', Bamu: 'Bamum', Batk: 'Batak', Bugi: 'Buginese', Buhd: 'Buhid', Cakm: 'Chakma', Dsrt: 'Deseret',
  Glag: 'Glagolitic', Gran: 'Grantha', Hano: 'Hanunoo', Kali: 'Kayah_Li', Khar: 'Kharoshthi', Kthi: 'Kaithi', Lana: 'Tai_Tham',
  Lepc: 'Lepcha', Limb: 'Limbu', Mand: 'Mandaic', Marc: 'Marchen', Mtei: 'Meetei_Mayek', Olck: 'Ol_Chiki', Osge: 'Osage',
  Phag: 'Phags_Pa', Rohg: 'Hanifi_Rohingya', Samr: 'Samaritan', Saur: 'Saurashtra', Shaw: 'Shavian', Sund: 'Sundanese',
  Sylo: 'Syloti_Nagri', Tagb: 'Tagbanwa', Tale: 'Tai_Le', Talu: 'New_Tai_Lue', Tavt: 'Tai_Viet', Vaii: 'Vai',
  Arab: 'Arabic', Armn: 'Armenian', Beng: 'Bengali', Bopo: 'Bopomofo', Brai: 'Braille', Cans: 'Canadian_Aboriginal', Cher: 'Cherokee',
  Copt: 'Coptic', Cyrl: 'Cyrillic', Deva: 'Devanagari', Egyp: 'Egyptian_Hieroglyphs', Ethi: 'Ethiopic', Geor: 'Georgian', Goth: 'Gothic',
  Grek: 'Greek', Gujr: 'Gujarati', Guru: 'Gurmukhi', Hang: 'Hangul', Hani: 'Han', Hebr: 'Hebrew', Hira: 'Hiragana', Java: 'Javanese',
  Kana: 'Katakana', Khmr: 'Khmer', Knda: 'Kannada', Laoo: 'Lao', Latn: 'Latin', Mlym: 'Malayalam', Mong: 'Mongolian', Mymr: 'Myanmar',
  Nkoo: 'Nko', Ogam: 'Ogham', Orya: 'Oriya', Runr: 'Runic', Sinh: 'Sinhala', Syrc: 'Syriac', Taml: 'Tamil', Telu: 'Telugu',
  Tfng: 'Tifinagh', Tglg: 'Tagalog', Thaa: 'Thaana', Thai: 'Thai', Tibt: 'Tibetan', Yiii: 'Yi', Zinh: 'Inherited', Zyyy: 'Common',
};
const binary = `Alphabetic=Alpha Uppercase=Upper Lowercase=Lower White_Space=space ID_Start=IDS ID_Continue=IDC XID_Start=XIDS
XID_Continue=XIDC Math=Math Ideographic=Ideo Emoji=Emoji Emoji_Presentation=EPres Emoji_Modifier=EMod Emoji_Modifier_Base=EBase
Emoji_Component=EComp Extended_Pictographic=ExtPict Regional_Indicator=RI Hex_Digit=Hex ASCII_Hex_Digit=AHex Dash=Dash
Diacritic=Dia Variation_Selector=VS Default_Ignorable_Code_Point=DI`.split(/\s+/);

function ranges(property) {
  const test = new RegExp(`\\p{${property}}`, 'u'), found = [];
  for (let c = 0, from = -1; c <= 0x110000; c++) {
    const has = c < 0x110000 && (c < 0xd800 || c > 0xdfff) && test.test(String.fromCodePoint(c));
    if (has && from < 0) from = c;
    if (!has && from >= 0) { found.push(c - 1 === from ? from.toString(16) : `${from.toString(16)}-${(c - 1).toString(16)}`); from = -1; }
  }
  return found.join(' ');
}

const lines = [`# Unicode ${process.versions.unicode}; written by scripts/unicode-properties.mjs`];
for (const short of scripts) {
  let found; try { found = ranges(`Script=${short}`); } catch { continue; }
  lines.push(`Script ${short}${names[short] && names[short] !== short ? ` ${names[short]}` : ''}: ${found}`);
}
for (const pair of binary) {
  const [long, short] = pair.split('=');
  lines.push(`Binary ${long}${short === long ? '' : ` ${short}`}: ${ranges(long)}`);
}
writeFileSync(new URL('../src/JsonSchema/Patterns/unicode-properties.txt', import.meta.url), lines.join('\n') + '\n');

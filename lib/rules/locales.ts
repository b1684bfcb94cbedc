/**
 * How compilers call an error, a warning and a note in the languages of their users: GNU's catalogues, and MSVC's words.
 *
 * Each is a part of a regular expression. A place and the names in quotes are the same in every language, so no more is translated.
 *
 * @module
 */

export const ERROR_WORDS =
  "(?:schwerwiegender |interner Compiler-)?Fehler|erreur(?: fatale| interne du compilateur)?|errore(?: fatale| irreversibile)?|error (?:fatal|interno del compilador)|(?:fatale )?fout|erro(?: fatal)?|(?:\u0444\u0430\u0442\u0430\u043b\u044c\u043d\u0430\u044f )?\u043e\u0448\u0438\u0431\u043a\u0430|(?:\u043a\u0440\u0438\u0442\u0438\u0447\u043d\u0430 )?\u043f\u043e\u043c\u0438\u043b\u043a\u0430|(?:\u043a\u043e\u0431\u043d\u0430 )?\u0433\u0440\u0435\u0448\u043a\u0430|(?:fatalna )?gre\u0161ka|b\u0142\u0105d|(?:\u00f6l\u00fcmc\u00fcl )?hata|(?:vakava )?virhe|(?:fatal )?fejl|(?:\u00f6desdigert )?fel|(?:\u03bc\u03bf\u03b9\u03c1\u03b1\u03af\u03bf )?\u03c3\u03c6\u03ac\u03bb\u03bc\u03b1|l\u1ed7i(?: nghi\u00eam tr\u1ecdng)?|(?:\u81f4\u547d)?\u9519\u8bef|(?:\u56b4\u91cd)?\u932f\u8aa4|(?:\u81f4\u547d\u7684)?\u30a8\u30e9\u30fc|(?:\uce58\uba85\uc801\uc778 )?\uc624\ub958";
export const WARNING_WORDS =
  "Warnung|attention|avertissement|avviso|aviso|advert\u00eancia|waarschuwing|let op|ostrze\u017cenie|\u043f\u0440\u0435\u0434\u0443\u043f\u0440\u0435\u0436\u0434\u0435\u043d\u0438\u0435|\u043f\u043e\u043f\u0435\u0440\u0435\u0434\u0436\u0435\u043d\u043d\u044f|\u0443\u043f\u043e\u0437\u043e\u0440\u0435\u045a\u0435|upozorenje|uyar\u0131|varoitus|advarsel|varning|\u03c0\u03c1\u03bf\u03b5\u03b9\u03b4\u03bf\u03c0\u03bf\u03af\u03b7\u03c3\u03b7|c\u1ea3nh b\u00e1o|\u8b66\u544a|\uacbd\uace0";
export const NOTE_WORDS =
  "Anmerkung|Hinweis|nota|opmerking|\u0437\u0430\u043c\u0435\u0447\u0430\u043d\u0438\u0435|\u0437\u0430\u0443\u0432\u0430\u0436\u0435\u043d\u043d\u044f|\u043d\u0430\u043f\u043e\u043c\u0435\u043d\u0430|napomena|bilgi|huom|bem\u00e6rk|anm|\u03c3\u03b7\u03bc\u03b5\u03af\u03c9\u03c3\u03b7|ghi ch\u00fa|\u9644\u6ce8|\u5907\u6ce8|\u9644\u8a3b|\u5099\u8a3b|\u5099\u8003|\u6ce8\u610f|\ucc38\uace0";
/** What the C library says of a file that is not there. */
export const NO_SUCH_FILE =
  "No such file or directory|Datei oder Verzeichnis nicht gefunden|Aucun fichier ou dossier de ce type|No existe el (?:fichero|archivo) o el directorio|File o directory non esistente|(?:Arquivo|Ficheiro) ou (?:diret\u00f3rio|pasta) inexistente|Bestand of map bestaat niet|Nie ma takiego pliku ani katalogu|\u041d\u0435\u0442 \u0442\u0430\u043a\u043e\u0433\u043e \u0444\u0430\u0439\u043b\u0430 \u0438\u043b\u0438 \u043a\u0430\u0442\u0430\u043b\u043e\u0433\u0430|Filen eller katalogen finns inte|B\u00f6yle bir dosya ya da dizin yok|\u305d\u306e\u3088\u3046\u306a\u30d5\u30a1\u30a4\u30eb\u3084\u30c7\u30a3\u30ec\u30af\u30c8\u30ea\u306f\u3042\u308a\u307e\u305b\u3093|\u6ca1\u6709\u90a3\u4e2a\u6587\u4ef6\u6216\u76ee\u5f55|\u6c92\u6709\u6b64\u4e00\u6a94\u6848\u6216\u76ee\u9304|\uadf8\ub7f0 \ud30c\uc77c\uc774\ub098 \ub514\ub809\ud130\ub9ac\uac00 \uc5c6\uc2b5\ub2c8\ub2e4";

const WARNS = new RegExp(`^(?:${WARNING_WORDS})$`, "iu");
const NOTES = new RegExp(`^(?:${NOTE_WORDS})$`, "iu");

/** A word for gravity in English, in lower case; what is no warning and no note stays what it is. */
export function gravityOf(word: string): string {
  if (WARNS.test(word)) return "warning";
  return NOTES.test(word) ? "note" : word.toLowerCase();
}

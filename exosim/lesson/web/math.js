// An equation, as Python prints it, typeset as MathML: fractions, powers, layers as subscripts.
const MATHML = "http://www.w3.org/1998/Math/MathML";
const LAYER = /_(epidermis|papillary|upper|deep)$/;

function m(tag, ...children) {
  const made = document.createElementNS(MATHML, tag);
  made.append(...children);
  return made;
}

function typeset(equation) {
  const [left, right] = equation.split(" = "),
    tokens = right.match(/\*\*|[A-Za-z_]\w*|[\d.]+(e[-+]?\d+)?|[-+*/()]/g),
    state = /^d\((\w+)\)/.exec(left)[1];
  let i = 0;
  const isNext = token => tokens[i] === token && ++i;
  const list = (read, signs) => {
    const parts = [read()];
    for (let sign; (sign = signs.find(isNext));) parts.push(m("mo", sign === "-" ? "\u2212" : sign), read());
    return parts.length > 1 ? m("mrow", ...parts) : parts[0];
  };
  const sum = () => list(term, ["+", "-"]);
  function term() {
    if (isNext("-")) return m("mrow", m("mo", "\u2212"), term());
    let over = [power()],
      under = [];
    for (let sign; (sign = ["*", "/"].find(isNext));) (sign === "*" ? over : under).push(power());
    if (!under.length) return times(over);
    return m("mfrac", times(over.map(bare)), times(under.map(x => (under.length > 1 ? x : bare(x)))));
  }
  function power() {
    const base = atom();
    return isNext("**") ? m("msup", base, bare(atom())) : base;
  }
  function atom() {
    if (isNext("-")) return m("mrow", m("mo", "\u2212"), atom());
    if (!isNext("(")) return named(tokens[i++]);
    const inside = sum();
    isNext(")");
    return m("mrow", m("mo", "("), inside, m("mo", ")"));
  }
  // Alone above or below a line, a bracket is not needed.
  const bare = (x, _, all) =>
    (all && all.length > 1) || x.firstChild?.textContent !== "(" ? x : x.children[1];
  const times = parts => m("mrow", ...parts.flatMap((x, k) => (k ? [m("mo", "\u00b7"), x] : [x])));
  const rate = m("mfrac", m("mrow", m("mi", "d"), named(state)), m("mrow", m("mi", "d"), m("mi", "t")));
  const math = m("math", m("mrow", rate, m("mo", "="), sum()));
  math.setAttribute("display", "block");
  return math;
}

function named(name) {
  if (/^[\d.]/.test(name)) return m("mn", name);
  const layer = LAYER.exec(name)?.[1],
    word = m("mtext", name.replace(LAYER, "").replaceAll("_", " "));
  return layer ? m("msub", word, m("mtext", layer)) : word;
}

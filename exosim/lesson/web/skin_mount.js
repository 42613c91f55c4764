// The place of skin on the page: both arms, the key, the sentence for those who do not see.
const skins = {};
let skinSpeaking = 0;

function buildSkins() {
  const pair = el("div", { class: "skin-pair" }),
    spoken = el("p", { id: "skin-spoken", class: "hidden", "aria-live": "polite" });
  for (const [arm, name] of [
    ["control", T.control],
    ["treated", T.this_run],
  ]) {
    const host = el("div");
    pair.append(host);
    skins[arm] = { host, skin: createSkin(host, { arm, name }) };
  }
  const section = el(
    "section",
    { id: "skins" },
    el("h2", {}, WORDS.title),
    pair,
    el("p", { class: "note" }, PIECE.note),
    el("details", {}, el("summary", {}, WORDS.key), skins.treated.skin.key()),
    spoken,
  );
  $("charts").closest("section").before(section);
}

function drawSkins() {
  const { run, control } = current;
  skins.control.host.hidden = !control;
  if (control) skins.control.skin.show(control, state.day);
  skins.treated.skin.show(run, state.day);
  clearTimeout(skinSpeaking);
  skinSpeaking = setTimeout(() => {
    const told = [
      control && skins.control.skin.spoken(control, state.day),
      skins.treated.skin.spoken(run, state.day),
    ];
    $("skin-spoken").textContent = told.filter(Boolean).join(" ");
  }, 700);
}

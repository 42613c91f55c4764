// Sliders, switches, buttons.
const inputs = {};

function slider(name) {
  const id = `slider-${name}`,
    { label, unit } = DATA.sliders[name];
  const input = el("input", {
    type: "range",
    id,
    on: {
      input: () => {
        state[name] = rounded(Number(input.value), limits(name, DATA.presets[state.preset]));
        render();
      },
    },
  });
  const output = el("output", { for: id }),
    box = el("div", { class: "slider" }, el("label", { for: id }, label), output, input);
  inputs[name] = { input, output, box, unit };
  return box;
}

function choice(id, text, options, change) {
  const select = el(
    "select",
    { id, on: { change: () => change(select.value) } },
    ...options.map(([value, words]) => el("option", { value }, words)),
  );
  return [el("label", { for: id }, text), select];
}

function buildControls() {
  $("preset").append(...Object.entries(DATA.presets).map(([value, p]) => el("option", { value }, p.name)));
  $("preset").addEventListener("change", () => {
    Object.assign(state, fresh($("preset").value));
    refit();
  });
  $("sets").append(
    ...Object.keys(DATA.sets).map(name =>
      el(
        "label",
        { class: "check" },
        el("input", {
          type: "radio",
          name: "set",
          value: name,
          on: {
            change: () => {
              state.set = name;
              render();
            },
          },
        }),
        T[`set_${name}`] ?? name,
      ),
    ),
  );
  $("sliders").append(...Object.keys(SLIDERS).map(slider));
  $("switches").append(
    ...DATA.switches.map(({ name, meaning, evidence, source }) =>
      el(
        "label",
        { class: "check", title: `${name}: ${meaning}. ${evidence}: ${source}` },
        el("input", {
          type: "checkbox",
          id: `switch-${name}`,
          on: {
            change: event => {
              state.off = DATA.switches
                .map(x => x.name)
                .filter(x => (x === name ? !event.target.checked : state.off.includes(x)));
              render();
            },
          },
        }),
        DATA.switch_words[name],
      ),
    ),
  );
  $("more").append(
    ...Object.keys(MORE).map(slider),
    ...choice(
      "scar",
      T.scar,
      Object.entries(DATA.scars).map(([name, meaning]) => [name, `${native(name)}: ${native(meaning)}`]),
      value => {
        state.scar = value;
        refit();
      },
    ),
    ...choice(
      "severity",
      T.severity,
      DATA.severities.map(x => [x, native(x)]),
      value => {
        state.severity = value;
        refit();
      },
    ),
  );
  $("pin").addEventListener("click", pin);
  $("fit").addEventListener("click", refit);
  $("reset").addEventListener("click", () => go("explore=1"));
  $("copy").addEventListener("click", copyLink);
  $("copy-frame").addEventListener("click", copyFrame);
  $("open-link").addEventListener("click", () => go($("link").value));
  $("save-csv").addEventListener("click", () => save("exosim.csv", "text/csv", csv()));
  $("save-toml").addEventListener("click", () => save("exosim.toml", "application/toml", toml(state)));
  $("save-png").addEventListener("click", png);
  $("controls").addEventListener("submit", event => event.preventDefault());
}

const settingWords = (name, unit) =>
  name === "spf" && state.spf === 1 ? T.none : `${spelled(state[name])} ${unit}`.trim();

function refit() {
  for (const c of [...Object.values(charts), ...cells, ...(stepChart ? [stepChart] : [])]) c.range = null;
  render();
}

function pin() {
  if (state.pins.length >= MAX_PINS) {
    $("message").textContent = T.pins_full;
    return;
  }
  state.pins.push(written(state, false));
  render();
}

function syncControls() {
  const preset = DATA.presets[state.preset];
  $("preset").value = state.preset;
  $("preset-note").textContent = preset.note;
  $("set-note").textContent = DATA.sets[state.set].meaning;
  for (const input of document.querySelectorAll("input[name=set]")) input.checked = input.value === state.set;
  for (const [name, { input, output, box, unit }] of Object.entries(inputs)) {
    const range = limits(name, preset);
    input.disabled = !range;
    box.classList.toggle("off", !range);
    if (range) {
      Object.assign(input, { min: range.low, max: range.high, step: range.step });
      input.value = state[name];
    }
    output.textContent = range ? settingWords(name, unit) : T.not_here;
  }
  for (const { name } of DATA.switches) $(`switch-${name}`).checked = !state.off.includes(name);
  $("scar").value = state.scar;
  $("severity").value = state.severity;
}

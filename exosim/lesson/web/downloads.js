// What can be downloaded or copied: a scenario, numbers, a picture, the address.
const quoted = text =>
  JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    c => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"),
  );
const float = value => (Number.isInteger(value) ? value.toFixed(1) : String(value));

function toml(s) {
  const { name, weeks, skin, treatments, sessions, late } = scenarioOf(s);
  const following = !late && treatments.some(t => t.after);
  const lines = [
    "# From the exosim lesson page. Hypothetical; not medical advice.",
    `# Parameter set: ${s.set}`,
    "schema = 2",
    `name = ${quoted(name)}`,
    `note = ${quoted("from the lesson page, parameter set " + s.set)}`,
    `weeks = ${float(weeks)}`,
    "",
    "[skin]",
    `scar = ${quoted(skin.scar)}`,
    `severity = ${quoted(skin.severity)}`,
    `phototype = ${skin.phototype}`,
    `uv_dose_per_day = ${float(skin.uv_dose_per_day)}`,
  ];
  if (following) lines.push("", "[sessions]", ...Object.entries(sessions).map(([x, v]) => `${x} = ${v}`));
  for (const t of treatments) {
    lines.push("", "[[treatments]]", `kind = ${quoted(t.kind)}`);
    const [when, days] = following && t.after ? ["after_days", t.after] : ["days", t.days];
    if (!t.daily) lines.push(`${when} = [${days.map(float).join(", ")}]`);
    for (const [key, value] of Object.entries(t.settings)) lines.push(`${key} = ${float(value)}`);
  }
  const assumed = { ...DATA.presets[s.preset].assume, ...Object.fromEntries(s.off.map(x => [x, 0])) };
  if (Object.keys(assumed).length)
    lines.push(
      "",
      "[assume]",
      ...Object.entries(assumed).map(
        ([x, v]) => `${x} = { value = ${float(v)}, why = "set on the lesson page" }`,
      ),
    );
  return lines.join("\n") + "\n";
}

const finite = value => (Number.isFinite(value) ? value : "");

// The rows of a run as timecourse.csv has them: a moment at which something jumps has two, before and after.
function rowsOf({ times, observed }) {
  const jumps = i => times[i] === times[i + 1] && observed.some(values => values[i] !== values[i + 1]),
    again = i => i > 0 && times[i - 1] === times[i];
  return times.flatMap((_, i) => {
    if (again(i)) return jumps(i - 1) ? [[i, "after"]] : [];
    return [[i, jumps(i) ? "before" : ""]];
  });
}

function csv() {
  const lines = [["arm", "day", "side", ...OBSERVABLES, "improvement_percent"].join(",")];
  for (const { name, detail, run } of current.arms)
    rowsOf(run).forEach(([i, side]) =>
      lines.push(
        [
          `"${(name + detail).replaceAll('"', '""')}"`,
          run.times[i],
          side,
          ...run.observed.map(values => values[i]),
          finite(run.series.improvement[i]),
        ].join(","),
      ),
    );
  return lines.join("\n") + "\n";
}

function save(name, type, content) {
  const link = el("a", {
    href: URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type })),
    download: name,
  });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function copy(text, said) {
  history.replaceState(null, "", "#" + written(state));
  try {
    await navigator.clipboard.writeText(text);
    $("message").textContent = said;
  } catch {
    $("message").textContent = T.not_copied;
    Object.assign($("link"), { value: text });
  }
}

const ownFile = location.pathname.split("/").at(-1);
const copyLink = () => copy(link(written(state)), isFile ? T.copied_code : T.copied);
const copyFrame = () =>
  copy(frame(), isFile ? filled(T.copied_frame_file, { file: decodeURIComponent(ownFile) }) : T.copied_frame);

// What a teacher pastes into a page of a course. A page that is a file is named as it will lie next to that page.
function frame() {
  const source = (isFile ? ownFile : "") + link(written({ ...state, embed: true }));
  return `\u003ciframe src="${source}" width="900" height="600" title="${T.title}"></iframe>`;
}

const DRAWN = ["stroke", "stroke-width", "stroke-dasharray", "fill", "font-family", "font-size"];
function frozen(svg, width, height) {
  const twin = svg.cloneNode(true),
    from = svg.querySelectorAll("*"),
    to = twin.querySelectorAll("*");
  from.forEach((node, i) => {
    const style = getComputedStyle(node);
    for (const name of DRAWN) to[i].setAttribute(name, style.getPropertyValue(name));
  });
  twin.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  twin.setAttribute("width", width);
  twin.setAttribute("height", height);
  return (
    "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(twin))
  );
}

function loaded(address) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = address;
  });
}

const SHEET = { scale: 2, columns: 4, width: 320, height: 225, line: 20 };

async function png() {
  const { scale, columns, width, height, line } = SHEET,
    all = Object.values(charts),
    head = 30 + line * current.arms.length;
  const rows = Math.ceil(all.length / columns),
    style = getComputedStyle(document.body);
  const canvas = el("canvas", {
      width: scale * (columns * width + 30),
      height: scale * (head + rows * height + 30),
    }),
    pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = style.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = style.color;
  pen.font = `13px ${style.fontFamily}`;
  current.arms.forEach((arm, i) => drawKey(pen, arm, 24 + line * i));
  const images = await Promise.all(all.map(c => loaded(frozen(c.svg, W, H))));
  images.forEach((image, i) =>
    drawTitled(
      pen,
      image,
      all[i],
      15 + (i % columns) * width,
      head + Math.floor(i / columns) * height,
      style.fontFamily,
    ),
  );
  pen.font = `12px ${style.fontFamily}`;
  pen.fillText(T.watermark, 20, head + rows * height + 16);
  save("exosim.png", "image/png", await new Promise(resolve => canvas.toBlob(resolve, "image/png")));
}

function drawKey(pen, { series, name, detail }, y) {
  const look = getComputedStyle(charts.improvement.lines[series]);
  pen.strokeStyle = look.stroke;
  pen.lineWidth = 2;
  pen.setLineDash(look.strokeDasharray === "none" ? [] : look.strokeDasharray.split(",").map(parseFloat));
  pen.beginPath();
  pen.moveTo(20, y);
  pen.lineTo(56, y);
  pen.stroke();
  pen.fillText(name + detail, 66, y + 4);
}

function drawTitled(pen, image, { title, unit }, x, y, family) {
  const wide = SHEET.width - 20;
  pen.font = `600 13px ${family}`;
  pen.fillText(title + (unit.startsWith("(") ? " " : ", ") + unit, x + 6, y + 14);
  pen.drawImage(image, x, y + 20, wide, (wide * H) / W);
}

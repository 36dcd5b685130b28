"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const digits = (chart) => (chart.scale > 1 && chart.unit === "%" ? 2 : 0);
  const exact = (chart, value) =>
    (value / chart.scale).toLocaleString("en-GB", {
      maximumFractionDigits: Math.max(0, Math.round(Math.log10(chart.scale))),
    }) + " " + chart.unit;
  const short = (chart, value) => {
    const size = Math.abs(value);
    if (chart.unit === "%") return value.toLocaleString("en-GB", { maximumFractionDigits: digits(chart) }) + " %";
    if (size >= 1e6) return (value / 1e6).toLocaleString("en-GB", { maximumFractionDigits: 1 }) + "M";
    if (size >= 1e4) return (value / 1e3).toLocaleString("en-GB", { maximumFractionDigits: 1 }) + "k";
    return value.toLocaleString("en-GB", { maximumFractionDigits: 1 });
  };

  const drawn = charts.map((chart, at) => {
    const place = document.getElementById("chart-" + at);
    const isBars = chart.kind === "bars" || chart.kind === "stack";
    const count = chart.labels.length;
    const longest = Math.max(...chart.labels.map((label) => label.length));
    // As many labels as have room.
    const every = () => Math.max(1, Math.ceil((count * (longest * 6.5 + 10)) / Math.max(1, place.clientWidth - 60)));
    const values = chart.series.flatMap((series) => series.values).filter((value) => value !== null);
    const options = {
      chartPadding: { top: 10, right: isBars ? 10 : 38, bottom: 0, left: 6 },
      axisX: {
        showGrid: false,
        labelInterpolationFnc: (label, index) => (index % every() === 0 ? label : null),
      },
      axisY: {
        offset: 46,
        scaleMinSpace: 28,
        onlyInteger: chart.scale === 1,
        labelInterpolationFnc: (value) => short(chart, value),
      },
      low: Math.min(0, ...values.map((value) => value / chart.scale)),
      showArea: chart.kind === "area",
      fullWidth: !isBars,
      lineSmooth: false,
      stackBars: chart.kind === "stack",
    };
    const data = {
      labels: chart.labels,
      series: chart.series.map((series) => ({
        name: series.name,
        value: null,
        data: series.values.map((value) => (value === null ? null : value / chart.scale)),
      })),
    };
    const made = isBars
      ? new Chartist.BarChart(place, data, options)
      : new Chartist.LineChart(place, data, options);
    made.on("draw", (drawing) => {
      if (drawing.type === "bar") {
        const width = Math.max(2, Math.min(28, ((place.clientWidth - 70) / count) * 0.7));
        drawing.element.attr({ style: "stroke-width:" + width + "px" });
      }
      if (drawing.type === "bar" || drawing.type === "point") {
        const series = chart.series[drawing.seriesIndex];
        const name = chart.series.length > 1 ? series.name + " " : "";
        const label = chart.labels[drawing.index] + ": " + name + exact(chart, series.values[drawing.index]);
        drawing.element.elem("title").text(label);
      }
    });
    // Whatever the width turns out to be, the drawing fits it.
    made.on("created", (created) => {
      const size = [place.clientWidth, place.clientHeight];
      created.svg.attr({ viewBox: "0 0 " + size.join(" "), width: "100%", height: "100%" });
    });
    return made;
  });

  // Before printing, the charts are drawn as wide as a sheet of paper has them.
  const onPaper = (isOn) => {
    document.documentElement.classList.toggle("paper", isOn);
    drawn.forEach((chart) => chart.update());
  };
  window.addEventListener("beforeprint", () => onPaper(true));
  window.addEventListener("afterprint", () => onPaper(false));
})();

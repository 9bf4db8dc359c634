// Keeps the chat up to date and sends without leaving the page; without this script the forms still work.
const phone = document.querySelector(".phone");
const talk = phone.querySelector(".talk");
const place = `/phones/${phone.dataset.person}`;

async function follow() {
  let pause = 0;
  for (;;) {
    try {
      const answer = await fetch(`${place}/chat?after=${phone.dataset.revision}`);
      if (answer.status === 200) {
        phone.dataset.revision = answer.headers.get("X-Revision");
        talk.innerHTML = await answer.text();
      }
      pause = answer.ok ? 0 : 2000;
    } catch {
      pause = 2000;
    }
    if (pause) await new Promise((go) => setTimeout(go, pause));
  }
}

phone.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.action.endsWith("/block")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  event.submitter?.setAttribute("aria-busy", "true");
  if (event.submitter?.name === "text") body.set("text", event.submitter.value);
  else form.querySelector("input[name=text]")?.form.reset();
  fetch(form.action, { method: "POST", body, redirect: "manual" });
});

follow();

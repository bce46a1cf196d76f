package ground
import ("testing";"os";"strings";"encoding/json";"regexp";"bedside/internal/language")
func TestScratch(t *testing.T){
 var texts []string
 b,_ := os.ReadFile("/work/shared/clinical/material-facts.md")
 for _,l := range strings.Split(string(b),"\n") { f:=strings.Split(l,"|"); if len(f)>2 { texts=append(texts, f[2]) } }
 b,_ = os.ReadFile("/work/shared/clinical/supplement-facts.md")
 for _,l := range strings.Split(string(b),"\n") { f:=strings.Split(l,"|"); if len(f)>4 { texts=append(texts, f[3]) } }
 b,_ = os.ReadFile("/work/shared/clinical/reply-templates.json")
 var m map[string]map[string]string; json.Unmarshal(b,&m)
 for _,x := range m { texts=append(texts,x["en"],x["es"]) }
 for _,f := range []string{"replies.yaml","replies-crisis.yaml"} { b,_=os.ReadFile("/work/main/knowledge/safety/"+f); texts=append(texts,string(b)) }
 b,_ = os.ReadFile("/work/shared/material/ketamine-page.txt"); texts=append(texts,string(b))
 n:=0
 for _,x := range texts { for _,s := range language.Sentences(x) { n++; if r:=Forbidden(s); r!="" { t.Logf("%s: %q",r,s) } } }
 t.Log(n)
 pats := map[string]string{}
 b,_ = os.ReadFile("/work/shared/questions/answer-patterns.json"); json.Unmarshal(b,&pats)
 for k,v := range pats { switch k { case "@dose","@promise","@diagnosis","@stopmed","@method","@alerted","@promise_secret","@sysprompt": default: continue }
  re := regexp.MustCompile("(?i)"+v)
  for s,w := range forbiddenCases(t) { if re.MatchString(s) && w=="" { t.Logf("PATTERN %s matches ok %q",k,s) } }
 }
}
func TestRagtruth(t *testing.T){
 b,_ := os.ReadFile("/work/shared/data/grounding/ragtruth-qa.jsonl")
 n:=0
 for _,l := range strings.Split(string(b),"\n") { var r struct{Sentence string; Supported bool}; if json.Unmarshal([]byte(l),&r)==nil { n++; if x:=Forbidden(r.Sentence); x!="" { t.Logf("%s %v: %q",x,r.Supported,r.Sentence) } } }
 t.Log(n)
}

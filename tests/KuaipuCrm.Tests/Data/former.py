import sys,subprocess,time,json,re,urllib.request,urllib.parse,http.cookiejar,os
# former.py engine file-or-connection data-folder port path/to/KuaipuCrm.Host.dll
engine,target,data,port,host=sys.argv[1:6]
base=f'http://127.0.0.1:{port}'
args=['dotnet',host,'run','--Engine',engine,'--Data',data,'--Jobs','off','--Plugins','none','--urls',base,'--Logging:LogLevel:Default','Error']
args+= ['--File',target] if engine=='sqlite' else ['--Connection',target]
p=subprocess.Popen(args,cwd=os.path.dirname(host))
def opener():
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
o=opener()
for i in range(600):
    try:
        o.open(base+'/health'); break
    except Exception: time.sleep(0.3)
def token(o):
    return re.search(r'name="__RequestVerificationToken"[^>]*value="([^"]+)"',o.open(base+'/sign-in').read().decode()).group(1)
def form(o,url,**v):
    v['__RequestVerificationToken']=token(o)
    return o.open(base+url,urllib.parse.urlencode(v).encode())
def api(o,method,url,body=None,raw=None):
    r=urllib.request.Request(base+urllib.parse.quote(url,safe='/?=&%'),method=method,data=raw if raw is not None else None if body is None else json.dumps(body).encode(),headers={'Content-Type':'application/octet-stream' if raw is not None else 'application/json'})
    try: t=o.open(r).read().decode()
    except urllib.error.HTTPError as e: print(method,url,e.code,e.read().decode()); raise
    return json.loads(t) if t else None
form(o,'/set-up',password='Kp-2026-chef',repeat='Kp-2026-chef')
C='/api/customers/customers'
deps=api(o,'GET','/api/settings/departments')['items']
head=deps[0]['id']
sales=api(o,'POST','/api/settings/departments',{'name':'华南销售部','parentId':head})['id']
roles=api(o,'GET','/api/settings/roles')['items']
rep=[r['id'] for r in roles if r.get('name')=='销售代表'][0]
lina=api(o,'POST','/api/settings/users',{'name':'李娜','login':'lina','homeId':sales})['id']
api(o,'POST',f'/api/settings/users/{lina}/roles',{'roleIds':[rep]})
api(o,'POST',f'/api/settings/users/{lina}/password',{'password':'Chushi-1234'})
l=opener()
form(l,'/sign-in',login='lina',password='Chushi-1234',newPassword='Kp-2026-alt',repeat='Kp-2026-alt')
names='甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥'
ids=[]
for i in range(22):
    v={'name':f'前版{names[i]}字号贸易有限公司','level':'ABC'[i%3],'phone':f'0755-8{i:07d}','confirmed':['duplicate']}
    if i<8: v['ownerId']=lina
    ids.append(api(o,'POST',C,v)['id'])
for i in range(12): api(o,'POST','/api/customers/contacts',{'name':f'联系人{names[i]}','mobile':f'138{i:08d}','employerId':ids[i],'confirmed':['same-name']})
api(o,'POST',C+'/delete',{'ids':ids[20:22]})
csv='客户名称,电话\r\n'+'\r\n'.join(f'导入{names[i]}号机械有限公司,0769-2{i:07d}' for i in range(4))
f=api(o,'POST',C+'/import/files?name=a.csv',raw=b'\xef\xbb\xbf'+csv.encode())['file']
op=api(o,'POST',C+'/import',{'file':f,'sheet':0,'columns':{'0':'name','1':'phone'},'mode':'GoodRows'})
for i in range(200):
    if api(o,'GET',f'{C}/import/{op}')['operation']['state']=='done': break
    time.sleep(0.2)
api(o,'POST',f'{C}/{ids[10]}/comments',{'text':'旧版本的点评'})
api(o,'POST',C+'/change',{'ids':ids[12:15],'values':{'level':'C'}})
time.sleep(1.2)
api(o,'PATCH',f'{C}/{ids[10]}',{'address':'升级之前的地址','version':1})
print(len(api(o,'GET',C)['items']), 'customers')
p.terminate(); p.wait()

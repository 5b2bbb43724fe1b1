namespace KuaipuCrm.Sdk.Text;

/// <summary>Where AnyAscii, which knows one reading of a character, reads otherwise than names are read.</summary>
internal static class PinyinReadings
{
    // Word and initials in turns; the word is written with its Chinese characters only, one letter each.
    private const string Words = """
        重庆 cq 重阳 cy 重复 cf 重叠 cd 重组 cz 重启 cq 重生 cs 重逢 cf 重光 cg 九重 jc 双重 sc 三重奏 scz
        长子 zz 长孙 zs 长老 zl 成长 cz 生长 sz 增长 zz 家长 jz 校长 xz 院长 yz 董事长 dsz 部长 bz 科长 kz 处长 cz 局长 jz 市长 sz 学长 xz 会长 hz 厂长 cz 船长 cz 队长 dz 组长 zz 首长 sz 店长 dz
        大厦 dx 厦门 xm
        银行 yh 行业 hy 行家 hj 行情 hq 商行 sh 车行 ch 分行 fh 支行 zh 总行 zh 央行 yh 农行 nh 工行 gh 建行 jh 中行 zh 招行 zh 投行 th 洋行 yh 琴行 qh 珠宝行 zbh 贸易行 myh 经营行 jyh 用品行 yph 五金行 wjh 电器行 dqh 建材行 jch 茶行 ch 粮行 lh 药行 yh 布行 bh 典当行 ddh 拍卖行 pmh 寄卖行 jmh 电脑行 dnh 行长 hz
        都江堰 djy 首都 sd 成都 cd 大都会 ddh
        番禺 py 六安 la 六合 lh 朝阳 cy 朝鲜 cx 王朝 wc 朝代 cd 蚌埠 bb 尉迟 yc 单县 sx 单于 cy 东阿 de 阿胶 ej 阿弥陀 emt 吐蕃 tb 台州 tz 天台 tt 丽水 ls 大城县 dcx 铅山 ys 乐清 yq 乐亭 lt 会稽 kj 会计 kj 牟平 mp 中牟 zm 洪洞 ht 盱眙 xy 黄陂 hp 枞阳 zy 歙县 sx 莘县 sx 莘庄 xz 郴州 cz 儋州 dz 涪陵 fl 鄞州 yz 鄄城 jc 亳州 bz 氾水 fs 綦江 qj 荥阳 xy 荥经 yj 浚县 xx 泌阳 by 渑池 mc 尉犁 yl 燕京 yj 解州 xz 隆尧 ly 万俟 mq 澹台 tt 令狐 lh 宿州 sz 宿迁 sq 曲阜 qf 阳曲 yq 秘鲁 bl 龟兹 qc 十堰 sy 石磨 sm 百色 bs 麦积 mj 大理 dl 
        音乐 yy 乐器 yq 乐团 yt 乐队 yd 乐坛 yt 乐曲 yq 声乐 sy 乐府 yf 民乐 my 乐谱 yp 奏乐 zy 乐章 yz 乐理 yl 器乐 qy 交响乐 jxy 雅乐 yy 乐毅 yy 钟乐 zy
        传记 zj 自传 zz 外传 wz 水浒传 shz 参差 cc 人参 rs 海参 hs 党参 ds 丹参 ds 参茸 sr 西洋参 xys 高丽参 gls 红参 hs 玄参 xs 沙参 ss 参王 sw 参业 sy
        调查 dc 调研 dy 调度 dd 调配 dp 声调 sd 格调 gd 曲调 qd 色调 sd 蓝调 ld 弹力 tl 弹簧 th 弹性 tx 弹琴 tq 弹唱 tc 古琴弹 gqt
        宝藏 bz 藏族 zz 藏药 zy 藏医 zy 西藏 xz 藏香 zx 藏文 zw 青藏 qz 藏格 zg 藏獒 za 川藏 cz 藏宝 cb 藏红花 zhh 藏式 zs 藏地 zd 藏海 ch
        召开 zk 率先 ss 表率 bs 频率 pl 效率 xl 概率 gl 汇率 hl 利率 ll 倍率 bl 功率 gl 速率 sl 兴盛 xs 盛器 cq 称职 cz 对称 dc 相称 xc 什锦 sj 什么 sm 为什么 wsm 南无 nm 给予 jy 给水 js 供给 gj 补给 bj 自给 zj 给排水 jps 粘土 nt 粘合 zh 核桃 ht 参数 cs 无数 ws
        单位 dw 单一 dy 单车 dc 单元 dy 单身 ds 单品 dp 单体 dt 单晶 dj 单片 dp 单向 dx 解放 jf 解决 jj 解码 jm 解读 jd 解忧 jy 解百纳 jbn 查询 cx 查理 cl 查验 cy 检查 jc 区域 qy 区块 qk 区间 qj 盖世 gs 盖茨 gc 盖板 gb 曾经 cj 曾几何时 cjhs 仇恨 ch 任何 rh 任务 rw 任意 ry 乐乐 ll 乐园 ly 乐活 lh 乐视 ls 乐购 lg 乐天 lt 乐土 lt 乐福 lf 乐家 lj 乐居 lj 乐高 lg 乐凯 lk 乐心 lx 乐歌 lg 乐惠 lh 乐普 lp 乐山 ls 乐途 lt 乐享 lx 乐游 ly 乐邦 lb 乐百氏 lbs 折叠 zd 折扣 zk 黑暗 ha 种子 zz 种植 zz 种业 zy 种源 zy 朴实 ps 朴素 ps 朴树 ps 燕子 yz 宁静 nj 宁波 nb 石油 sy 葛根 gg 缪斯 ms 洗涤 xd 洗衣 xy 秘书 ms 折腾 zt 员工 yg 覃塘 qt 冼星海 xxh
        可汗 kh 大宛 dy 模样 my 屏气 bq 屏息 bx 薄荷 bh 薄弱 br 复兴 fx 便宜 py 便便 bb 骠骑 pq 扎实 zs 奇数 js 咖喱 gl 提防 df 提供 tg 阿房宫 epg 幢幢 cc 艾滋 az 拾级 sj 殷红 yh 折本 sb 拓片 tp 拓本 tb 落枕 lz 巷道 hd 尺八 cb 匙羹 cg 钥匙 ys 暴露 bl 刨床 bc 刨花 bh 牛仔 nz 靓仔 lz 打仔 dz 绿林 ll 扁舟 pz 车马炮 jmp 勒石 ls 敦煌 dh 巴彦淖尔 byne 女红 ng 红豆杉 hds 校对 jd 校准 jz 校正 jz 校验 jy 校园 xy 角色 js 主角 zj 自行车 zxc
        """;

    // A letter and the characters it begins, wherever they stand.
    private const string Readings = """
        b:蚌埠泊膀亳 c:长称澄乘车朝禅 d:都弹当大地的得丹单 e:鹅 f:佛番蕃 g:给葛盖冠 h:和华会红汇核合晃虹还
        k:可卡 l:〇绿乐六隆令柳 m:莫磨秘 j:解 n:宁那 p:朴 q:期奇区 s:沈盛晟什莎数食宿术石色 t:台他调 x:厦校相巷系行 y:遗叶员 z:曾翟重中种正着仔
        """;

    // Read so as a surname; elsewhere otherwise.
    private const string Surnames = "单s仇q解x查z区o覃q缪m冼x洗x秘b种c折s召s繁p隗k逄p郗x乜n幺y訾z谌c贲b宓m阚k句g晁c佴n钭t祭z员y尉w任r燕y纪j洪h盖g朴p";

    private static readonly Dictionary<char, Phrase[]> Phrases = ReadPhrases();
    private static readonly Dictionary<char, char> SurnameLetters = ReadSurnames();

    /// <summary>A word and its initials, a letter for each character.</summary>
    internal sealed record Phrase(string Word, string Initials);

    /// <summary>Characters with their letter, where AnyAscii's is seldom meant.</summary>
    public static IEnumerable<(char Character, char Letter)> Characters { get; } =
        [.. Cells(Readings).SelectMany(group => group[2..].Select(c => (c, group[0])))];

    public static IEnumerable<char> PhraseBeginnings => Phrases.Keys;

    /// <summary>The longest known word the text begins with; null for none.</summary>
    public static Phrase? PhraseAt(ReadOnlySpan<char> text)
    {
        if (!Phrases.TryGetValue(text[0], out var candidates)) return null;
        foreach (var phrase in candidates)
            if (text.StartsWith(phrase.Word)) return phrase;
        return null;
    }

    /// <summary>The letter of a character that is read otherwise as a surname; '\0' for any other.</summary>
    public static char Surname(char c) => SurnameLetters.GetValueOrDefault(c);

    private static Dictionary<char, Phrase[]> ReadPhrases()
    {
        var cells = Cells(Words);
        return cells.Chunk(2).Select(pair => new Phrase(pair[0], pair[1])).DistinctBy(p => p.Word).GroupBy(p => p.Word[0])
            .ToDictionary(g => g.Key, g => g.OrderByDescending(p => p.Word.Length).ToArray());
    }

    private static Dictionary<char, char> ReadSurnames()
    {
        var letters = new Dictionary<char, char>();
        for (var i = 0; i < Surnames.Length; i += 2) letters[Surnames[i]] = Surnames[i + 1];
        return letters;
    }

    private static string[] Cells(string text) => text.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
